package io.selvage.it.cluster;

import io.selvage.cli.Main;
import io.selvage.it.stage.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The command {@code selvage} of a user on this machine, whose kubeconfig is given. */
public record Selvage(Path kubeconfig) {
  private static final Duration LIMIT = Duration.ofSeconds(150);

  /** The roles and bindings of what it installs, JSON; printed at most once. */
  public static String rights() {
    return Rights.OF_ITS_MANIFEST;
  }

  private static final class Rights {
    static final String OF_ITS_MANIFEST =
        IstioInstalled.rights(
            new Selvage(Path.of("none"))
                .run("manifest", "--image", SelvageImage.NAME)
                .well()
                .out());
  }

  /** Runs it. */
  public Tool.Ran run(String... arguments) {
    Tool.Ran ran =
        Tool.run(
            LIMIT,
            Map.of("KUBECONFIG", kubeconfig.toString()),
            new byte[0],
            Tool.java(List.of("-Xmx256m"), Main.class, arguments));
    List<String> typed = Stream.concat(Stream.of("selvage"), Stream.of(arguments)).toList();
    return new Tool.Ran(typed, ran.exit(), ran.out(), ran.err());
  }
}
