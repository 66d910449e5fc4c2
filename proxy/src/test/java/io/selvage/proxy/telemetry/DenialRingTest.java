package io.selvage.proxy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is remembered of denials. */
class DenialRingTest {
  private final DenialRing ring = new DenialRing(2);
  private final ConnectionRecord connection = Sample.connection(Optional.empty(), ring);

  @Test
  void aDeniedRequestIsFoundByItsIdWithItsFacts() {
    RequestRecord request = Sample.request(connection);
    request.denied("ns[a]-policy[b]-rule[0]", "rbac_access_denied_matched_policy[x]");
    request.response(403, Headers.NONE, 1).complete(2);
    assertThat(ring.find("d209e46f"))
        .contains(
            new Denial(
                "d209e46f",
                Instant.ofEpochMilli(Sample.START_MILLIS),
                "sample/httpbin",
                403,
                "ns[a]-policy[b]-rule[0]",
                "rbac_access_denied_matched_policy[x]",
                "spiffe://cluster.local/ns/sample/sa/sleep",
                "10.44.1.27:42434",
                "10.44.1.23:80",
                "outbound_.8000_._.httpbin.sample.svc.cluster.local",
                "GET",
                "httpbin:8000",
                "/status/418",
                ""));
    assertThat(ring.find("other")).isEmpty();
  }

  @Test
  void anAllowedRequestIsNotRemembered() {
    Sample.answer(Sample.request(connection));
    assertThat(ring.total()).isZero();
  }

  @Test
  void aDeniedConnectionIsRemembered() {
    connection
        .denied("ns[a]-policy[b]-rule[1]", "rbac_access_denied_matched_policy[y]")
        .complete(1);
    assertThat(ring.latest(5)).singleElement().extracting(Denial::status).isEqualTo(0);
  }

  @Test
  void theOldestGivesWayToTheNewest() {
    for (int i = 0; i < 5; i++) {
      String id = "id-" + i;
      new RequestRecord(connection)
          .begin("HTTP/2", name -> name.equals("x-request-id") ? id : null, i, 0)
          .denied("", "rbac_access_denied_matched_policy[none]")
          .complete(1);
    }
    assertThat(ring.latest(5)).extracting(Denial::requestId).containsExactly("id-4", "id-3");
    assertThat(ring.latest(1)).extracting(Denial::requestId).containsExactly("id-4");
    assertThat(ring.find("id-0")).isEmpty();
    assertThat(ring.total()).isEqualTo(5);
  }
}
