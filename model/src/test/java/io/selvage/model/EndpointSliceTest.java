package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointSliceTest {
  private static ReadResult read(String rest) {
    return ResourceReader.readObject(
        "EndpointSlice shop/web-1",
        """
        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
         "metadata": {"name": "web-1", "namespace": "shop",
                      "labels": {"kubernetes.io/service-name": "web"}}, %s}
        """
            .formatted(rest));
  }

  private static EndpointSlice slice(String rest) {
    ReadResult read = read(rest);
    assertThat(read.problems()).isEmpty();
    return (EndpointSlice) read.resources().getFirst();
  }

  @Test
  void saysWhoIsBehindWhichService() {
    EndpointSlice slice =
        slice(
            """
            "addressType": "IPv4",
            "endpoints": [
              {"addresses": ["10.1.1.1"], "conditions": {"ready": true, "serving": true},
               "nodeName": "n", "zone": "z", "targetRef": {"kind": "Pod", "name": "p", "uid": "u"}},
              {"addresses": ["10.1.1.2"], "conditions": {"ready": false}},
              {"addresses": ["10.1.1.3"], "targetRef": {"kind": "Node", "name": "n"}}],
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP", "appProtocol": "http"},
                      {"name": "any"}]
            """);
    assertThat(slice.service()).isEqualTo("web");
    assertThat(slice.endpoints())
        .containsExactly(
            new EndpointSlice.SliceEndpoint(List.of("10.1.1.1"), true, "p", "z"),
            new EndpointSlice.SliceEndpoint(List.of("10.1.1.2"), false, "", ""),
            new EndpointSlice.SliceEndpoint(List.of("10.1.1.3"), true, "", ""));
    assertThat(slice.ports()).containsExactly(new EndpointSlice.Port("http", 8080));
  }

  @Test
  void emptySlicesAndSlicesOfNamesHaveNoEndpoints() {
    assertThat(slice("\"addressType\": \"IPv4\", \"endpoints\": null, \"ports\": null").endpoints())
        .isEmpty();
    assertThat(
            slice("\"addressType\": \"FQDN\", \"endpoints\": [{\"addresses\": [\"a.b\"]}]")
                .endpoints())
        .isEmpty();
  }

  @Test
  void whatMakesNoSenseIsRefusedByTheNameOfTheObject() {
    ReadResult read = read("\"addressType\": \"IPv4\", \"ports\": [{\"port\": 70000}]");
    assertThat(read.resources()).isEmpty();
    assertThat(read.refused()).hasSize(1);
    assertThat(read.problems())
        .first()
        .satisfies(
            problem -> assertThat(problem.at().toString()).isEqualTo("EndpointSlice shop/web-1"));
  }
}
