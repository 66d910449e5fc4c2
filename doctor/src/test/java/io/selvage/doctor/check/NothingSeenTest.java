package io.selvage.doctor.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What cannot be seen is never fine. */
class NothingSeenTest {
  private static List<Result> blind() {
    Fixture fixture = Fixtures.istio();
    for (Kind kind : Kind.values()) {
      fixture.unseen(kind);
    }
    fixture.logs = Look.unseen("closed");
    fixture.proxyLogs = Look.unseen("closed");
    fixture.metrics = Look.unseen("closed");
    fixture.proxies = Look.unseen("closed");
    fixture.handshakes = Look.unseen("closed");
    fixture.probes = Look.unseen("closed");
    fixture.access = Look.unseen("closed");
    return Fixtures.diagnosis(fixture.evidence()).results().stream()
        .filter(result -> "24789".indexOf(result.code().charAt(3)) >= 0)
        .toList();
  }

  @Test
  void everyCheckOfWhatIsHereSaysThatItCannotLook() {
    assertThat(blind())
        .isNotEmpty()
        .filteredOn(result -> !result.code().startsWith("SLV8") || result.code().equals("SLV8002"))
        .allSatisfy(result -> assertThat(result.status()).isEqualTo(Status.UNKNOWN));
  }

  @Test
  void theRightThatIsMissingIsNamed() {
    assertThat(blind())
        .filteredOn(result -> result.code().equals("SLV4008"))
        .anySatisfy(
            result ->
                assertThat(result.evidence())
                    .anySatisfy(fact -> assertThat(fact.text()).contains("list serviceaccounts")));
  }
}
