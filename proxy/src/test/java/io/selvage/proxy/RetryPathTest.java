package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RetryPathTest {

  private static final RetryPolicy ON_503 =
      new RetryPolicy(List.of("retriable-status-codes"), 2, List.of(503));
  private static final String BUSY = "HTTP/1.1 503 busy\r\ncontent-length: 4\r\n\r\nbusy";

  @Test
  void aFailedAnswerIsTheAnswerWhenNoEndpointIsLeftToTry() throws Exception {
    var mesh = new AtomicReference<TestMesh>();
    try (var backend =
            new RawBackend(
                (in, out) -> {
                  RawBackend.head(in);
                  loseEndpoints(mesh.get().httpbin());
                  out.write(BUSY.getBytes(StandardCharsets.ISO_8859_1));
                  out.flush();
                  in.readAllBytes();
                });
        var started =
            TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive().retrying(ON_503))) {
      discover(started.httpbin(), backend.port());
      mesh.set(started);
      try (var client = RawClient.connect(started.inboundAddress())) {
        client.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        assertThat(client.rest()).startsWith("HTTP/1.1 503 ").endsWith("busy");
        assertThat(backend.seen()).hasSize(1);
      }
    }
  }

  /** The same endpoint as before, now told by EDS. */
  private static void discover(WorkloadProxy proxy, int port) throws IOException {
    ProxyResources now = proxy.resources();
    List<Cluster> clusters =
        now.clusters().values().stream().map(RetryPathTest::discovered).toList();
    var endpoint =
        new ClusterLoadAssignment.Endpoint(
            "127.0.0.1", port, 1, true, Map.of(), ClusterLoadAssignment.Workload.UNKNOWN);
    var here = new ClusterLoadAssignment.Locality("", "", 0, 1, List.of(endpoint));
    List<ClusterLoadAssignment> assignments =
        clusters.stream().map(c -> new ClusterLoadAssignment(c.name(), List.of(here))).toList();
    proxy.apply(
        ProxyResources.of(List.copyOf(now.listeners().values()), List.of(), clusters, assignments));
  }

  private static void loseEndpoints(WorkloadProxy proxy) throws IOException {
    ProxyResources now = proxy.resources();
    proxy.apply(
        ProxyResources.of(
            List.copyOf(now.listeners().values()),
            List.of(),
            List.copyOf(now.clusters().values()),
            List.of()));
  }

  private static Cluster discovered(Cluster cluster) {
    return new Cluster(
        cluster.name(),
        new Cluster.Discovery.Eds(cluster.name()),
        cluster.loadBalancing(),
        cluster.connectTimeout(),
        cluster.protocol(),
        cluster.transport(),
        cluster.bindAddress(),
        cluster.limits(),
        cluster.service());
  }
}
