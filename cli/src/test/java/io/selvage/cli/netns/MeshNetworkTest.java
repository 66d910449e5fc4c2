package io.selvage.cli.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshNetworkTest {

  private final FakeHost host = new FakeHost();
  @TempDir private Path directory;

  private MeshNetwork create() throws IOException {
    return MeshNetwork.create(host, "demo", List.of("east", "west"), directory);
  }

  @Test
  void everyClusterGetsABridgeAndEveryWorkloadANamespace() throws IOException {
    try (var network = create()) {
      var pod = network.add("west", "sample", "sleep", true);
      assertThat(pod.name()).isEqualTo("selvage-demo.west.sample.sleep");
      assertThat(pod.address()).isEqualTo("10.81.0.10");
      assertThat(pod.path()).hasToString("/run/netns/selvage-demo.west.sample.sleep");
      assertThat(host.namespaces)
          .containsExactly("selvage-demo.fabric", "selvage-demo.west.sample.sleep");
      assertThat(host.inputs)
          .anySatisfy(i -> assertThat(i).contains("addr add 10.80.0.1/16 dev br0"));
    }
    assertThat(host.namespaces).isEmpty();
  }

  @Test
  void captureStandsBeforeTheLinkIsUp() throws IOException {
    try (var network = create()) {
      network.add("east", "sample", "sleep", true);
      int capture = indexOf("redirect to :15001");
      assertThat(capture).isPositive().isLessThan(indexOf("link set eth0 up"));
    }
  }

  private int indexOf(String input) {
    for (int i = 0; i < host.inputs.size(); i++) {
      if (host.inputs.get(i).contains(input)) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void namesAreSearchedFromTheWorkloadsOwnNamespace() throws IOException {
    try (var network = create()) {
      assertThat(Files.readString(network.add("east", "sample", "sleep", true).resolvConf()))
          .contains("search sample.svc.cluster.local")
          .contains("nameserver 127.0.0.1");
    }
  }

  @Test
  void aFailureHalfWayLeavesNothing() {
    host.failing = "-batch";
    assertThatThrownBy(this::create)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Operation not permitted");
    assertThat(host.namespaces).isEmpty();
  }

  @Test
  void whatAKilledMeshLeftIsRemovedAndOthersStay() throws IOException {
    host.namespaces.add("selvage-demo.east.sample.old");
    host.namespaces.add("selvage-demo-2.fabric");
    host.namespaces.add("docker");
    create().close();
    assertThat(host.namespaces).containsExactly("docker", "selvage-demo-2.fabric");
  }

  @Test
  void serviceAddressesAreSetInEveryNamespace() throws IOException {
    try (var network = create()) {
      network.add("east", "sample", "a", true);
      network.add("east", "sample", "b", true);
      host.inputs.clear();
      network.services(
          List.of(
              new CaptureRules.ServiceAddress(
                  "240.240.0.9", 80, List.of(new CaptureRules.Endpoint("10.80.0.10", 8000)))));
      assertThat(host.inputs)
          .hasSize(2)
          .allSatisfy(
              rules ->
                  assertThat(rules)
                      .contains("ip daddr 240.240.0.9 tcp dport 80 dnat to 10.80.0.10:8000"));
    }
  }
}
