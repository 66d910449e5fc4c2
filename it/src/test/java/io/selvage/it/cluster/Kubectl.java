package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real {@code kubectl}, of a user who may do everything, for one context of a kubeconfig. */
public record Kubectl(Path kubeconfig, String context) {
  private static final Duration LIMIT = Duration.ofSeconds(150);

  /** Runs {@code kubectl --context=CONTEXT ARGUMENTS}. */
  public Tool.Ran run(String... arguments) {
    return run(new byte[0], arguments);
  }

  private Tool.Ran run(byte[] input, String... arguments) {
    var line = new ArrayList<>(List.of(Tool.peer("kubectl").toString(), "--context=" + context));
    line.addAll(Arrays.asList(arguments));
    return Tool.run(LIMIT, environment(), input, line);
  }

  /**
   * Runs a line of a runbook as it stands there: {@code ${CTX}} is the context, {@code kubectl} is
   * on the path.
   */
  public Tool.Ran shell(String line) {
    return Tool.run(LIMIT, environment(), new byte[0], List.of("bash", "-c", line));
  }

  private Map<String, String> environment() {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Map.of(
        "KUBECONFIG",
        kubeconfig.toString(),
        "CTX",
        context,
        "PATH",
        Tool.peer("kubectl").getParent() + ":" + path + ":/usr/sbin:/sbin");
  }

  /** Applies manifests. */
  public void apply(String manifests) {
    run(manifests.getBytes(StandardCharsets.UTF_8), "apply", "-f", "-").well();
  }

  /** Applies manifests as they are installed: by the server, whoever owns their fields. */
  public void applyServerSide(String manifests) {
    run(
            manifests.getBytes(StandardCharsets.UTF_8),
            "apply",
            "--server-side",
            "--force-conflicts",
            "-f",
            "-")
        .well();
  }

  /** Has objects be as manifests say, and nothing else of them. */
  public void replace(String manifests) {
    run(manifests.getBytes(StandardCharsets.UTF_8), "replace", "-f", "-").well();
  }

  /** Deletes what manifests name, and waits until it is gone. */
  public void delete(String manifests) {
    run(manifests.getBytes(StandardCharsets.UTF_8), "delete", "-f", "-").well();
  }

  /** What {@code kubectl get ARGUMENTS} gives. */
  public JsonNode get(String... arguments) {
    var line = new ArrayList<>(List.of("get", "-o", "json"));
    line.addAll(Arrays.asList(arguments));
    return JsonMapper.shared().readTree(run(line.toArray(String[]::new)).well().out());
  }

  /** Waits until a Deployment's Pods are the newest and ready; if they don't get so, tells why. */
  public void awaitRollout(String namespace, String deployment) {
    Tool.Ran ran =
        run("rollout", "status", "-n", namespace, "deployment/" + deployment, "--timeout=100s");
    assertThat(ran.exit())
        .as(
            () ->
                "%s%n%s%n%s"
                    .formatted(
                        ran,
                        run("describe", "pods", "-n", namespace).out(),
                        logs(namespace, deployment, "--all-containers", "--tail=40")))
        .isZero();
  }

  /** What a Deployment's Pod has logged, as {@code kubectl logs} is asked. */
  public String logs(String namespace, String deployment, String... how) {
    var line = new ArrayList<>(List.of("logs", "-n", namespace, "deployment/" + deployment));
    line.addAll(Arrays.asList(how));
    return run(line.toArray(String[]::new)).out();
  }

  /** Runs {@code command} in a container of a Deployment's Pod. */
  public Tool.Ran exec(String namespace, String deployment, String container, String... command) {
    var line =
        new ArrayList<>(
            List.of("exec", "-n", namespace, "deploy/" + deployment, "-c", container, "--"));
    line.addAll(Arrays.asList(command));
    return run(line.toArray(String[]::new));
  }
}
