package io.selvage.it.istioctl;

import io.selvage.it.stage.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Runs istioctl as it is installed, where there is no Kubernetes. */
public final class Istioctl {
  private Istioctl() {}

  /** Runs it. */
  public static Tool.Ran run(Path home, List<String> arguments) {
    var line = new ArrayList<>(List.of("timeout", "20", Tool.peer("istioctl").toString()));
    line.addAll(arguments);
    return Tool.run(
        Map.of("HOME", home.toString(), "KUBECONFIG", home.resolve("none").toString()), line);
  }

  /** A table that it printed: the fields of each row, of which a run of blanks is the border. */
  public static List<List<String>> rows(Tool.Ran ran) {
    return ran.well()
        .out()
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> Arrays.stream(line.strip().split("\\s{2,}")).toList())
        .toList();
  }
}
