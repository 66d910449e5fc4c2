package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the metrics say of requests that went through the whole proxy, or did not. */
class TelemetryPathTest {
  private static final Authorization DENY_ALL =
      new Authorization(
          List.of(
              new Authorization.Stage.Rbac(
                  Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                  Optional.empty())));

  private RawBackend backend;

  @BeforeEach
  void startBackend() throws Exception {
    backend = RawBackend.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  }

  @AfterEach
  void stopBackend() throws Exception {
    backend.close();
  }

  private static List<String> samples(TestMesh mesh, String metric) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(out, mesh.engine().registry().scrape());
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(metric + "{"))
        .toList();
  }

  private static void get(java.net.InetSocketAddress at, int status) throws IOException {
    try (RawClient client = RawClient.connect(at)) {
      client.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
      assertThat(client.rest()).startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void bothSidesCountARequest() throws Exception {
    try (TestMesh mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN)) {
      get(mesh.entry(), 200);
      assertThat(samples(mesh, "istio_requests_total"))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains(
                          "reporter=\"destination\"",
                          "source_principal=\"" + TestMesh.SLEEP + "\"",
                          "destination_principal=\"" + TestMesh.HTTPBIN + "\"",
                          "connection_security_policy=\"mutual_tls\"",
                          "request_protocol=\"http\"",
                          "response_code=\"200\"",
                          "response_flags=\"-\""))
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("reporter=\"source\"", "connection_security_policy=\"unknown\""));
      assertThat(samples(mesh, "istio_response_bytes_sum"))
          .allSatisfy(line -> assertThat(line).endsWith(" 2.0"));
    }
  }

  @Test
  void aDeniedRequestIsCountedWhereItWasDenied() throws Exception {
    try (TestMesh mesh =
        TestMesh.start(backend.port(), TestMesh.Options.PLAIN.permissive().with(DENY_ALL))) {
      get(mesh.inboundAddress(), 403);
      assertThat(samples(mesh, "istio_requests_total"))
          .singleElement()
          .asString()
          .contains(
              "reporter=\"destination\"",
              "source_principal=\"unknown\"",
              "connection_security_policy=\"none\"",
              "response_code=\"403\"")
          .endsWith(" 1.0");
      assertThat(samples(mesh, "istio_response_bytes_sum"))
          .as("RBAC: access denied")
          .singleElement()
          .asString()
          .endsWith(" 19.0");
    }
  }
}
