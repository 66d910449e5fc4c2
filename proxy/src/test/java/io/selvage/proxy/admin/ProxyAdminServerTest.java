package io.selvage.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.TestMesh;
import io.selvage.proxy.WorkloadSpec;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyAdminServerTest {

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

  @Test
  void aProxyIsReadyOnceItHasTakenAConfiguration() throws Exception {
    try (var engine =
            new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
        var admin = ProxyAdminServer.ofEngine(engine, ANY_PORT)) {
      engine.add(WorkloadSpec.local("sample/new", Workload.UNKNOWN, List.of()));

      var answer = get(admin, "/healthz/ready");

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("sample/new has no configuration yet\n");
    }
    try (TestMesh mesh = TestMesh.start(1, TestMesh.Options.PLAIN);
        var admin = ProxyAdminServer.ofEngine(mesh.engine(), ANY_PORT)) {
      assertThat(get(admin, "/healthz/ready").body()).isEqualTo("ready\n");
      assertThat(get(admin, "/ready").body()).isEqualTo("LIVE\n");
    }
  }

  @Test
  void figuresAreInPrometheusTextUnlessOpenMetricsIsAskedFor() throws Exception {
    try (TestMesh mesh = TestMesh.start(1, TestMesh.Options.PLAIN);
        var admin = ProxyAdminServer.ofEngine(mesh.engine(), ANY_PORT)) {
      var plain = get(admin, ProxyAdminServer.METRICS);
      var open = get(admin, ProxyAdminServer.METRICS, "application/openmetrics-text");

      assertThat(plain.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
      assertThat(plain.body()).contains("# TYPE selvage_access_log_dropped_lines_total counter");
      assertThat(open.headers().firstValue("content-type").orElse(""))
          .startsWith("application/openmetrics-text");
      assertThat(open.body()).endsWith("# EOF\n");
    }
  }

  @Test
  void nothingElseIsThereAndNothingIsChanged() throws Exception {
    try (TestMesh mesh = TestMesh.start(1, TestMesh.Options.PLAIN);
        var admin = ProxyAdminServer.ofEngine(mesh.engine(), ANY_PORT);
        var http = HttpClient.newHttpClient()) {
      assertThat(get(admin, "/config_dump").statusCode()).isEqualTo(404);
      assertThat(get(admin, "/readyx").statusCode()).isEqualTo(404);
      var post =
          HttpRequest.newBuilder(at(admin, "/ready"))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();
      assertThat(http.send(post, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }
  }

  private static HttpResponse<String> get(ProxyAdminServer admin, String path) throws Exception {
    return get(admin, path, "*/*");
  }

  private static HttpResponse<String> get(ProxyAdminServer admin, String path, String accept)
      throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(at(admin, path)).header("Accept", accept).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static URI at(ProxyAdminServer admin, String path) {
    return URI.create("http://127.0.0.1:" + admin.address().getPort() + path);
  }
}
