package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A configuration that can't be used as a whole. */
class BadConfigPathTest {
  @Test
  void leavesAllOfTheLastGoodOneInPlace() throws Exception {
    try (RawBackend backend = RawBackend.answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        TestMesh mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive())) {
      ProxyResources good = mesh.httpbin().resources();
      ClusterLoadAssignment bad =
          new ClusterLoadAssignment(
              "elsewhere",
              List.of(
                  new ClusterLoadAssignment.Locality(
                      "",
                      "",
                      0,
                      1,
                      List.of(
                          new ClusterLoadAssignment.Endpoint(
                              "no.literal",
                              80,
                              1,
                              true,
                              Map.of(),
                              ClusterLoadAssignment.Workload.UNKNOWN)))));
      ProxyResources next =
          new ProxyResources(Map.of(), Map.of(), Map.of(), Map.of("elsewhere", bad));
      assertThatThrownBy(() -> mesh.httpbin().apply(next))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("elsewhere: the endpoint no.literal is no IP address");
      assertThat(mesh.httpbin().resources()).isEqualTo(good);
      try (RawClient client = RawClient.connect(mesh.inboundAddress())) {
        assertThat(client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").head())
            .startsWith("HTTP/1.1 200");
      }
    }
  }
}
