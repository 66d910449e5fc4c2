package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class ClockCollectorTest {
  private static ApiObject object(String json) {
    return new ApiObject((ObjectNode) JsonMapper.shared().readTree(json));
  }

  private static Objects nodes(String ready) {
    ApiObject node =
        object(
            """
            {"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready", "status": "%s"}]}}
            """
                .formatted(ready));
    return new Objects(Map.of(Kind.NODE, Look.seen(List.of(node))));
  }

  private static ApiObject lease(Instant renewed) {
    return object(
        """
        {"metadata": {"name": "n1", "namespace": "kube-node-lease"},
         "spec": {"renewTime": "%s", "leaseDurationSeconds": 40}}
        """
            .formatted(renewed));
  }

  @Test
  void theApiServersClockIsTheDateOfItsAnswer() {
    Instant ours = FakeApi.NOW.minusSeconds(312);
    ClockReading read =
        new ClockCollector(new FakeApi(), InstantSource.fixed(ours)).server().found().orElseThrow();
    assertThat(read.party()).isEqualTo("API server");
    assertThat(read.ahead()).isCloseTo(Duration.ofSeconds(312), read.precision());
    assertThat(read.precision()).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void aNodeThatRenewsItsLeaseInTheFutureIsAhead() {
    Look<List<ClockReading>> read =
        ClockCollector.nodes(
            nodes("True"), Look.seen(List.of(lease(FakeApi.NOW.plusSeconds(300)))), FakeApi.NOW);
    assertThat(read.found().orElseThrow())
        .singleElement()
        .satisfies(
            node -> {
              assertThat(node.party()).isEqualTo("node/n1");
              assertThat(node.ahead().minus(node.precision()))
                  .isGreaterThan(Duration.ofSeconds(290));
            });
  }

  @Test
  void aLeaseThatWasRenewedInTimeIsWithinItsPrecision() {
    ClockReading node =
        ClockCollector.nodes(
                nodes("True"), Look.seen(List.of(lease(FakeApi.NOW.minusSeconds(9)))), FakeApi.NOW)
            .found()
            .orElseThrow()
            .getFirst();
    assertThat(node.ahead().abs()).isLessThanOrEqualTo(node.precision());
  }

  @Test
  void aNodeThatIsNotReadySaysNothingAboutItsClock() {
    assertThat(
            ClockCollector.nodes(
                nodes("Unknown"),
                Look.seen(List.of(lease(FakeApi.NOW.minusSeconds(900)))),
                FakeApi.NOW))
        .isEqualTo(Look.seen(List.of()));
  }
}
