package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ResourceReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ChangeEffectsTest {
  private static WorkloadSpec workload(String name) {
    return new WorkloadSpec(
        name,
        "default",
        "local",
        name,
        Map.of("app", name),
        new WorkloadSpec.Command(List.of("sleep", "1"), Map.of(), Optional.of(Path.of("."))),
        List.of(new WorkloadSpec.Port("http", 8000, "TCP")),
        List.of(),
        WorkloadSpec.Proxy.SELVAGE);
  }

  private static MeshSnapshot snapshot(long generation, String account) {
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: web, namespace: default}
        spec:
          rules:
          - from: [{source: {principals: [cluster.local/ns/default/sa/%s]}}]
            to: [{operation: {methods: [GET]}}]
        """
            .formatted(account);
    return MeshSnapshot.of(
        generation, ResourceReader.read("policy.yaml", policy).resources(), List.of());
  }

  @Test
  void aChangeIsToldWithARequestThatShowsIt() throws InterruptedException {
    var told = new Told();
    ExecutorService worker = Executors.newSingleThreadExecutor();
    try (var effects =
        new ChangeEffects(
            "east: ", told, () -> List.of(workload("web"), workload("client")), worker)) {
      effects.taken(snapshot(1, "other"));
      effects.taken(snapshot(2, "client"));
      worker.shutdown();
      assertThat(worker.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
    List<String> lines = told.taken();
    assertThat(lines)
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("east: configuration 2 newly ALLOWS default/")
                    .contains("try selvage exec default/client -- curl"))
        .anySatisfy(line -> assertThat(line).contains("newly DENIES default/"));
  }

  @Test
  void theFirstStateChangesNothing() throws InterruptedException {
    var told = new Told();
    ExecutorService worker = Executors.newSingleThreadExecutor();
    try (var effects = new ChangeEffects("", told, List::of, worker)) {
      effects.taken(snapshot(1, "client"));
      worker.shutdown();
      assertThat(worker.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(told.taken()).isEmpty();
  }
}
