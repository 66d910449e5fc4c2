package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the tests of whole clusters stand on: that Pods run, find and reach each other, and end. */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
final class KubernetesClusterTest {

  @Test
  @Timeout(value = 300, unit = TimeUnit.SECONDS)
  void runsPodsThatReachEachOtherByNameAndLeavesNothing() throws Exception {
    Path folder;
    try (var cluster = KubernetesCluster.start("east")) {
      folder = cluster.folder();
      cluster.load(SelvageImage.archive());
      Kubectl kubectl = cluster.kubectl();
      kubectl.apply(
          Application.namespace("sample", "{}")
              + Application.sleep("sample")
              + Application.httpbin("sample"));
      kubectl.awaitRollout("sample", "httpbin");
      kubectl.awaitRollout("sample", "sleep");

      var line =
          """
          kubectl exec --context="${CTX}" -n sample -c sleep \
            "$(kubectl get pod --context="${CTX}" -n sample -l app=sleep -o jsonpath={.items..metadata.name})" \
            -- curl -sS -o /dev/null -w "%{http_code}" http://httpbin.sample:8000/get
          """;
      assertThat(kubectl.shell(line).well().out()).isEqualTo("200");
      assertThat(
              kubectl
                  .exec("sample", "sleep", "sleep", "curl", "-sS", "-m", "2", "http://192.0.2.1/")
                  .exit())
          .as("there is no way out of the cluster")
          .isNotZero();
    }
    assertThat(folder).doesNotExist();
    assertThat(Tool.run(Map.of(), List.of("ip", "netns", "list")).well().out())
        .doesNotContain(folder.getFileName().toString());
    assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(folder.toString());
    assertThat(
            ProcessHandle.allProcesses().flatMap(process -> process.info().commandLine().stream()))
        .noneMatch(line -> line.contains(folder + "/"));
  }
}
