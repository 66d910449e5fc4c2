package io.selvage.control.kubernetes.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.selvage.control.kubernetes.identity.BoundObjects.Standing;
import io.selvage.control.kubernetes.source.SeenPod;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The cluster has ServiceAccount shop/web (uid a1) and its Pod web-1 (uid p1). */
class BoundObjectsTest {
  private static final Map<String, Object> ACCOUNT = Map.of("name", "web", "uid", "a1");

  private static SeenPod pod(String account, boolean ending) {
    String deletion = ending ? ", \"deletionTimestamp\": \"2026-01-01T00:00:00Z\"" : "";
    return new KubernetesSerialization()
        .unmarshal(
            """
            {"metadata": {"name": "web-1", "uid": "p1"%s}, "spec": {"serviceAccountName": "%s"}}
            """
                .formatted(deletion, account),
            SeenPod.class);
  }

  private static Standing of(SeenPod known, Map<String, Object> bound) {
    var objects =
        new BoundObjects.Objects() {
          @Override
          public Optional<SeenPod> pod(String namespace, String name) {
            return Optional.of(known).filter(pod -> pod.getMetadata().getName().equals(name));
          }

          @Override
          public Optional<String> accountUid(String namespace, String name) {
            return Optional.of("a1");
          }
        };
    return new BoundObjects(objects)
        .of(new JWTClaimsSet.Builder().claim("kubernetes.io", bound).build(), "shop", "web");
  }

  private static Map<String, Object> bound(String podName, String podUid) {
    return Map.of("serviceaccount", ACCOUNT, "pod", Map.of("name", podName, "uid", podUid));
  }

  @Test
  void thePodAndTheAccountThatAreThereHold() {
    assertThat(of(pod("web", false), bound("web-1", "p1"))).isEqualTo(Standing.THERE);
    assertThat(of(pod("web", false), Map.of("serviceaccount", ACCOUNT))).isEqualTo(Standing.THERE);
  }

  @Test
  void whatIsNotKnownIsForTheApiServerToSay() {
    assertThat(of(pod("web", false), bound("web-2", "p1"))).isEqualTo(Standing.UNSURE);
    assertThat(of(pod("web", false), bound("web-1", "p0"))).isEqualTo(Standing.UNSURE);
    assertThat(of(pod("web", true), bound("web-1", "p1"))).isEqualTo(Standing.UNSURE);
    assertThat(of(pod("web", false), Map.of())).isEqualTo(Standing.UNSURE);
    assertThat(of(pod("web", false), Map.of("serviceaccount", Map.of("name", "web", "uid", "a0"))))
        .isEqualTo(Standing.UNSURE);
    assertThat(of(pod("web", false), Map.of("serviceaccount", "web"))).isEqualTo(Standing.UNSURE);
  }

  @Test
  void aPodOfAnotherAccountIsRefused() {
    assertThat(of(pod("api", false), bound("web-1", "p1"))).isEqualTo(Standing.ANOTHER_ACCOUNT);
  }
}
