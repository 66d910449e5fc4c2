package io.selvage.control.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkloadsTest {
  private final Workloads east = new Workloads("east");
  private final Workloads west = new Workloads("west");

  @Test
  void neighboursSeeEachOthersOwnWorkloadsOnly() {
    east.join(west);
    west.join(east);
    east.put(instance("east", "httpbin", "10.80.0.10"));
    west.put(instance("west", "httpbin", "10.81.0.10"));

    assertThat(east.all()).extracting(WorkloadInstance::cluster).containsExactly("east", "west");
    assertThat(west.instances()).extracting(WorkloadInstance::cluster).containsExactly("west");
  }

  @Test
  void aChangeNextDoorIsNoticed() {
    AtomicInteger notices = new AtomicInteger();
    east.join(west);
    east.onAnyChange(notices::incrementAndGet);

    west.put(instance("west", "httpbin", "10.81.0.10"));
    west.put(instance("west", "httpbin", "10.81.0.10"));
    west.remove("sample", "httpbin");

    assertThat(notices).hasValue(2);
  }

  @Test
  void aClusterThatLeftIsForgotten() {
    west.put(instance("west", "httpbin", "10.81.0.10"));
    east.join(west);
    east.leave("west");

    assertThat(east.all()).isEmpty();
  }

  @Test
  void aWorkloadOfAnotherClusterIsRefused() {
    assertThatThrownBy(() -> east.put(instance("west", "httpbin", "10.81.0.10")))
        .hasMessageContaining("does not belong to the cluster east");
  }

  @Test
  void equalServicesHaveTheEndpointsOfAllClusters() {
    east.join(west);
    east.put(instance("east", "httpbin", "10.80.0.10"));
    west.put(instance("west", "httpbin", "10.81.0.10"));

    ServiceRegistry registry = ServiceRegistry.of(httpbin(), east.all());

    assertThat(registry.endpoints("httpbin.sample.svc.cluster.local", 8000))
        .extracting(ServiceEndpoint::address, ServiceEndpoint::port)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("10.80.0.10", 80),
            org.assertj.core.groups.Tuple.tuple("10.81.0.10", 80));
  }

  @Test
  void shortNamesAreForTheServicesOwnNamespace() {
    ServiceRegistry registry = ServiceRegistry.of(httpbin(), List.of());

    assertThat(registry.names("sample")).containsKeys("httpbin", "httpbin.sample");
    assertThat(registry.names("other")).containsKey("httpbin.sample").doesNotContainKey("httpbin");
  }

  private static MeshSnapshot httpbin() {
    ReadResult read =
        ResourceReader.read(
            "mesh.yaml",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: httpbin, namespace: sample}
            spec: {selector: {app: httpbin}, ports: [{name: http, port: 8000, targetPort: 80}]}
            """);
    return MeshSnapshot.of(1, read.resources(), read.problems());
  }

  private static WorkloadInstance instance(String cluster, String name, String address) {
    return new WorkloadInstance(
        name,
        "sample",
        name,
        Map.of("app", name),
        address,
        Map.of(),
        Map.of(),
        cluster,
        "",
        1,
        true);
  }
}
