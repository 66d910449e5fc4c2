package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Which Pods' proxies are asked. */
class ProxyCollectorTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @Test
  void aNativeSidecarThatKeepsItsPodWaitingIsAsked() {
    assertThat(names(waiting("stuck", "2026-11-27T11:59:00Z"))).containsExactly("stuck");
  }

  @Test
  void aNativeSidecarThatHasJustStartedIsLetStart() {
    assertThat(names(waiting("fresh", "2026-11-27T11:59:58Z"))).isEmpty();
  }

  private static List<String> names(ApiObject pod) {
    Objects objects = new Objects(Map.of(Kind.POD, Look.seen(List.of(pod))));
    return ProxyCollector.withProxies(objects, Set.of(), NOW).stream()
        .map(ApiObject::name)
        .toList();
  }

  private static ApiObject waiting(String name, String started) {
    return new ApiObject(
        (ObjectNode)
            JsonMapper.shared()
                .readTree(
                    """
                    {"kind": "Pod", "metadata": {"name": "%s", "namespace": "sample"},
                     "spec": {"initContainers": [{"name": "istio-proxy"}], "containers": [{"name": "web"}]},
                     "status": {"phase": "Pending", "initContainerStatuses": [
                       {"name": "istio-proxy", "state": {"running": {"startedAt": "%s"}}}]}}
                    """
                        .formatted(name, started)));
  }
}
