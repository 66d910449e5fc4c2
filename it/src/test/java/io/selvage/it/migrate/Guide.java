package io.selvage.it.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.command.SelvageCommand;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The commands of {@code docs/migration.md}: the lines of its blocks whose fence says {@code sh}
 * and the name of a walk. {@code kubectl} is real and run by a shell; {@code selvage} runs in this
 * process, told which kubeconfig to take. What follows in a cluster with nodes is played.
 */
final class Guide {
  private static final Path TEXT =
      Stream.of(Path.of("docs/migration.md"), Path.of("../docs/migration.md"))
          .filter(Files::isReadable)
          .findFirst()
          .orElseThrow();
  private static final Pattern RESTART =
      Pattern.compile("kubectl -n (\\S+) rollout restart deployment\\S* ?(\\S*)");
  private static final String ISTIOD_GOES = "kubectl -n istio-system delete deployment";

  private final MigrationStage stage;

  Guide(MigrationStage stage) {
    this.stage = stage;
  }

  /** The commands of a walk, in order. */
  static List<String> commands(String walk) throws IOException {
    List<String> all = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(TEXT)) {
      if (line.startsWith("```")) {
        inside = !inside && line.equals("```sh " + walk);
      } else if (inside && !line.isBlank()) {
        all.add(line);
      }
    }
    assertThat(all).as("commands of the walk %s", walk).isNotEmpty();
    return all;
  }

  /** Runs each command of a walk; traffic has to go on after each. */
  void walk(String walk) throws Exception {
    for (String command : commands(walk)) {
      run(command);
    }
  }

  /** Runs one, which has to succeed; gives what it said. */
  String run(String command) throws Exception {
    String said = command.startsWith("selvage ") ? selvage(command, 0) : shell(command);
    play(command);
    stage.allIsWell("after `" + command + "`, which said:\n" + said);
    return said;
  }

  /** Runs one that has to end with that status; gives what it said. */
  String selvage(String command, int status) throws IOException {
    if (command.equals("selvage install")) {
      return "played";
    }
    Said said = said(command);
    assertThat(said.status()).as("%s said:%n%s", command, said.text()).isEqualTo(status);
    return said.text();
  }

  /** Runs one that may have been done before; gives what it said. */
  String refused(String command) throws IOException {
    return said(command).text();
  }

  private record Said(int status, String text) {}

  private Said said(String command) throws IOException {
    List<String> arguments = new ArrayList<>(Arrays.asList(command.split(" +")));
    arguments.removeFirst();
    arguments.add("--kubeconfig=" + stage.kube().kubeconfig().toRealPath());
    var said = new StringWriter();
    int ended =
        SelvageCommand.commandLine()
            .setOut(new PrintWriter(said, true))
            .setErr(new PrintWriter(said, true))
            .execute(arguments.toArray(String[]::new));
    return new Said(ended, said.toString());
  }

  private String shell(String command) throws IOException {
    return Tool.run(
            Map.of(
                "KUBECONFIG",
                stage.kube().kubeconfig().toRealPath().toString(),
                "PATH",
                Tool.peer("kubectl").getParent() + ":" + System.getenv().getOrDefault("PATH", "")),
            List.of("sh", "-ec", command))
        .well()
        .out();
  }

  private void play(String command) throws Exception {
    Matcher restart = RESTART.matcher(command);
    if (command.equals("selvage install")) {
      stage.startControl();
    } else if (command.startsWith(ISTIOD_GOES)) {
      stage.node().stopIstiod();
    } else if (restart.matches()) {
      String namespace = restart.group(1);
      if (!namespace.equals(MigrationStage.ROOT)) {
        stage.node().restart(namespace);
        rolledOut(namespace, namespace);
      } else {
        if (restart.group(2).equals("istiod")) {
          stage.node().restartIstiod();
        } else {
          stage.startControl();
        }
        rolledOut(namespace, restart.group(2));
      }
    }
  }

  /** The Deployment's status as its controller leaves it. */
  private void rolledOut(String namespace, String name) throws Exception {
    JsonNode deployment =
        stage
            .get(
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s, namespace: %s}}"
                    .formatted(name, namespace))
            .orElseThrow();
    stage
        .client()
        .status(
            Manifest.read(
                    """
                    apiVersion: apps/v1
                    kind: Deployment
                    metadata: {name: %s, namespace: %s}
                    status: {observedGeneration: %d, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1}
                    """
                        .formatted(
                            name,
                            namespace,
                            deployment.path("metadata").path("generation").asLong()))
                .getFirst());
  }
}
