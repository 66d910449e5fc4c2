package io.selvage.doctor.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.FixtureAuthority;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.report.Shown;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What cannot be seen is never fine. */
class NothingSeenTest {
  private static final FixtureAuthority AUTHORITY = FixtureAuthority.make();

  private static List<Result> blind(Fixture... fixtures) {
    for (Fixture fixture : fixtures) {
      hide(fixture);
    }
    return Fixtures.diagnosis(Fixtures.evidence(fixtures)).results().stream()
        .filter(result -> "24789".indexOf(result.code().charAt(3)) >= 0)
        .toList();
  }

  private static void hide(Fixture fixture) {
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
  }

  @Test
  void everyCheckOfWhatIsHereSaysThatItCannotLook() {
    assertThat(blind(Fixtures.istio()))
        .isNotEmpty()
        .filteredOn(result -> !result.code().startsWith("SLV8") || result.code().equals("SLV8002"))
        .allSatisfy(result -> assertThat(result.status()).isEqualTo(Status.UNKNOWN));
  }

  @Test
  void everyCheckBetweenClustersSaysSo() {
    assertThat(blind(Fixtures.istio("east", AUTHORITY), Fixtures.istio("west", AUTHORITY)))
        .filteredOn(result -> result.code().startsWith("SLV8"))
        .filteredOn(result -> !result.code().equals("SLV8003")) // one network: nothing to look at
        .allSatisfy(result -> assertThat(result.status()).isEqualTo(Status.UNKNOWN))
        .extracting(Result::code)
        .contains("SLV8001", "SLV8002", "SLV8004", "SLV8005", "SLV8006", "SLV8007");
  }

  /** Whose node does not answer, for example. */
  @Test
  void oneProxyThatSaysNothingIsNotPassedOver() {
    Fixture fixture = Fixtures.istio();
    fixture.proxies =
        fixture.proxies.map(
            all ->
                all.stream().map(one -> one.equals(all.getFirst()) ? silent(one) : one).toList());
    assertThat(Fixtures.diagnosis(Fixtures.evidence(fixture)).results())
        .filteredOn(
            result ->
                List.of("SLV1006", "SLV1007", "SLV1008", "SLV2012", "SLV4013")
                    .contains(result.code()))
        .hasSize(5)
        .allSatisfy(result -> assertThat(result.status()).isEqualTo(Status.UNKNOWN))
        .filteredOn(result -> result.code().equals("SLV1006"))
        .allSatisfy(
            result ->
                assertThat(result.evidence().getFirst().text())
                    .isEqualTo(
                        "1 of them: not asked: node away answered none of 4 questions before"));
  }

  /** Of many proxies only some are asked for their whole configuration. */
  @Test
  void whatIsSaidOfSomeProxiesSaysOfHowMany() {
    Fixture fixture = Fixtures.istio();
    fixture.proxies =
        fixture.proxies.map(
            all -> all.stream().map(one -> one.equals(all.getFirst()) ? left(one) : one).toList());
    var diagnosis = Fixtures.diagnosis(Fixtures.evidence(fixture));
    assertThat(diagnosis.results())
        .filteredOn(result -> List.of("SLV2005", "SLV4011").contains(result.code()))
        .hasSize(2)
        .allSatisfy(
            result -> {
              assertThat(result.status()).isEqualTo(Status.PASS);
              assertThat(result.summary())
                  .contains("at 2 ports of 2 of 3 proxies (--proxies 3 asks all)");
            });
    assertThat(Shown.mesh(diagnosis.clusters().getFirst()))
        .isEqualTo("Istio 1.28.1, 3 proxies looked at, 2 of them in full");
  }

  private static ProxyView left(ProxyView proxy) {
    return new ProxyView(
        proxy.namespace(),
        proxy.name(),
        Look.unseen("not asked: --proxies asks more"),
        proxy.certificates(),
        proxy.sync(),
        proxy.stats());
  }

  private static ProxyView silent(ProxyView proxy) {
    String why =
        "port 15000 of Pod %s/%s: not asked: node away answered none of 4 questions before"
            .formatted(proxy.namespace(), proxy.name());
    return new ProxyView(
        proxy.namespace(),
        proxy.name(),
        Look.unseen(why),
        Look.unseen(why),
        proxy.sync(),
        Look.unseen(why));
  }

  @Test
  void theRightThatIsMissingIsNamed() {
    assertThat(blind(Fixtures.istio()))
        .filteredOn(result -> result.code().equals("SLV4008"))
        .anySatisfy(
            result ->
                assertThat(result.evidence())
                    .anySatisfy(fact -> assertThat(fact.text()).contains("list serviceaccounts")));
  }
}
