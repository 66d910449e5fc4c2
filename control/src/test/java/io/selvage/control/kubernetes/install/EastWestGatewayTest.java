package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.control.workload.NetworkGateway;
import io.selvage.model.Gateway;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.model.Service;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The gateway that is installed is the one that the control plane knows. */
class EastWestGatewayTest {
  private static final InstallSettings WEST =
      InstallSettings.DEFAULTS.with("network", "west").with("cluster", "west-1");

  private static List<ManifestObject> objects() {
    return EastWestGateway.objects(Manifest.of("istio-system", "1.2.3", WEST, false));
  }

  private static ObjectNode of(String kind) {
    return objects().stream()
        .map(ManifestObject::content)
        .filter(content -> content.path("kind").asString().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static ReadResult read(JsonNode content) {
    return ResourceReader.readObject("it", content.toString());
  }

  private static Map<String, String> podLabels() {
    Map<String, String> labels = new HashMap<>();
    of("Deployment")
        .at("/spec/template/metadata/labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asString()));
    return labels;
  }

  @Test
  void itsServiceIsTheNetworksGatewayOnceItHasAnAddress() {
    ObjectNode service = of("Service");
    service.withArray("/spec/externalIPs").add("192.0.2.1");
    assertThat(NetworkGateway.of("west-1", (Service) read(service).resources().getFirst()))
        .isEqualTo(List.of(new NetworkGateway("west", "west-1", "192.0.2.1", 15443)));
  }

  @Test
  void itsGatewayIsReadWithoutAWordAndSelectsItsPods() {
    ReadResult read = read(of("Gateway"));
    assertThat(read.problems()).isEmpty();
    Gateway gateway = (Gateway) read.resources().getFirst();
    assertThat(gateway.selects(podLabels())).isTrue();
    assertThat(gateway.servers())
        .singleElement()
        .satisfies(s -> assertThat(s.port()).isEqualTo(15443));
    Service service = (Service) read(of("Service")).resources().getFirst();
    assertThat(service.selects(podLabels())).isTrue();
  }

  @Test
  void itsPodsAreNobodysWorkloadsAndMayDoNothing() {
    assertThat(podLabels())
        .containsEntry("sidecar.istio.io/inject", "false")
        .containsEntry("topology.istio.io/network", "west");
    JsonNode container = of("Deployment").at("/spec/template/spec/containers/0");
    assertThat(container.at("/args").toString()).isEqualTo("[\"proxy\",\"--in-pod=router\"]");
    assertThat(container.at("/securityContext/capabilities/drop/0").asString()).isEqualTo("ALL");
    assertThat(container.at("/image").asString()).isEqualTo("localhost/selvage:1.2.3");
  }

  @Test
  void itIsOfTheMeshThatItsSidecarsAreOf() {
    assertThat(of("Deployment").toString())
        .contains("{\"name\":\"ISTIO_META_MESH_ID\",\"value\":\"cluster.local\"}");
    Manifest named = Manifest.of("istio-system", "1.2.3", WEST.with("meshId", "mesh1"), false);
    assertThat(contents(named).toString())
        .contains("{\"name\":\"ISTIO_META_MESH_ID\",\"value\":\"mesh1\"}");
  }

  private static List<ObjectNode> contents(Manifest of) {
    return EastWestGateway.objects(of).stream().map(ManifestObject::content).toList();
  }

  @Test
  void withoutANetworkThereIsNone() {
    Manifest one = Manifest.of("istio-system", "1.2.3", InstallSettings.DEFAULTS, false);
    assertThatThrownBy(() -> EastWestGateway.objects(one))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("network");
  }
}
