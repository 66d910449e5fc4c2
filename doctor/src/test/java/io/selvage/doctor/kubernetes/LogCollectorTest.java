package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class LogCollectorTest {
  private static final String LOG = "/api/v1/namespaces/istio-system/pods/istiod-1/log";
  private static final Instant SINCE = Instant.parse("2026-11-26T11:00:00.5Z");

  private final FakeApi api = new FakeApi();

  private static ApiObject pod(String name, int restarts) {
    return new ApiObject(
        (ObjectNode)
            JsonMapper.shared()
                .readTree(
                    """
                    {"metadata": {"name": "%s", "namespace": "istio-system"},
                     "status": {"containerStatuses": [{"name": "discovery", "restartCount": %d},
                       {"name": "other", "restartCount": 0}]}}
                    """
                        .formatted(name, restarts)));
  }

  private Look<List<LogLine>> read(ApiObject... pods) {
    try (Parallel parallel = new Parallel()) {
      var kubelets =
          new Kubelets(
              new Objects(Map.of()), Duration.ofMinutes(1), InstantSource.fixed(FakeApi.NOW));
      return new LogCollector(new ApiReader(api), kubelets, parallel, SINCE)
          .read(List.of(pods), "discovery"::equals, _ -> true);
    }
  }

  @Test
  void linesHaveTheTimeThatTheNodeWroteThem() {
    api.body(LOG, "2026-11-26T11:58:00.123456789Z TLS handshake error\n\nwithout a time\n");
    assertThat(read(pod("istiod-1", 0)).found().orElseThrow())
        .containsExactly(
            new LogLine(
                "istio-system",
                "istiod-1",
                "discovery",
                Optional.of(Instant.parse("2026-11-26T11:58:00.123456789Z")),
                "TLS handshake error"),
            new LogLine(
                "istio-system", "istiod-1", "discovery", Optional.empty(), "without a time"));
    assertThat(api.asked)
        .singleElement()
        .asString()
        .contains("container=discovery", "sinceTime=2026-11-26T11%3A00%3A00Z");
  }

  @Test
  void aContainerThatWasRestartedIsReadBeforeToo() {
    api.body(LOG, "2026-11-26T11:58:00Z x");
    assertThat(read(pod("istiod-1", 2)).found().orElseThrow()).hasSize(2);
    assertThat(api.asked).anySatisfy(path -> assertThat(path).contains("previous=true"));
  }

  @Test
  void withoutTheRightNothingIsSeen() {
    api.refuse(LOG);
    assertThat(read(pod("istiod-1", 0)))
        .isEqualTo(
            new Look.Unseen<>(
                "forbidden: User cannot list",
                Optional.of("get pods --subresource=log -n istio-system")));
  }

  @Test
  void whatOneReplicaSaysCountsWhenAnotherCannotBeRead() {
    api.refuse("/api/v1/namespaces/istio-system/pods/istiod-2/log");
    api.body(LOG, "2026-11-26T11:58:00Z x");
    assertThat(read(pod("istiod-1", 0), pod("istiod-2", 0)).found().orElseThrow()).hasSize(1);
  }

  @Test
  void aContainerThatHasNotSaidAnythingIsEmpty() {
    assertThat(read(pod("istiod-3", 0))).isEqualTo(Look.seen(List.of()));
  }

  @Test
  void ofProxiesOnlyLinesThatTellOfTroubleAreKept() {
    assertThat(ProxyLogs.tellsTrouble("2026\twarn\tca\tca request failed")).isTrue();
    assertThat(
            ProxyLogs.tellsTrouble(
                "\"GET / HTTP/1.1\" 503 UF,URX upstream_reset TLS_error:"
                    + " CERTIFICATE_VERIFY_FAILED"))
        .isTrue();
    assertThat(ProxyLogs.tellsTrouble("\"GET /ip HTTP/1.1\" 403 - rbac_access_denied_matched"))
        .isTrue();
    assertThat(ProxyLogs.tellsTrouble("\"GET /ip HTTP/1.1\" 200 - via_upstream")).isFalse();
  }
}
