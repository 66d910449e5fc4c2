package io.selvage.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class FixturesTest {
  @Test
  void aHealthyIstioHasWhatChecksRead() {
    var cluster = Fixtures.istio().cluster();
    assertThat(cluster.objects().all(Kind.MUTATING_WEBHOOK).getFirst().at("/webhooks"))
        .hasSize(4)
        .allSatisfy(hook -> assertThat(hook.at("/clientConfig/caBundle").asString()).isNotEmpty());
    assertThat(cluster.objects().all(Kind.POD)).hasSize(4);
    assertThat(cluster.proxies().found().orElse(List.of())).hasSize(3);
    assertThat(cluster.access().found().orElse(List.of()))
        .anyMatch(
            one -> one.verb().equals("list") && one.resource().equals("customresourcedefinitions"));
    assertThat(cluster.proxies().found().orElse(List.of()).getFirst().configDump().found())
        .hasValueSatisfying(dump -> assertThat(dump.at("/configs")).hasSize(4));
  }

  @Test
  void aHealthySelvageHasWhatItsInstallationMakes() {
    var cluster = Fixtures.selvage().cluster();
    assertThat(cluster.objects().find(Kind.DEPLOYMENT, "istio-system", "selvage")).isPresent();
    assertThat(cluster.objects().all(Kind.VALIDATING_WEBHOOK)).isNotEmpty();
    assertThat(cluster.access().found().orElse(List.of())).isNotEmpty();
  }

  @Test
  void aChangeIsOfThatFixtureAlone() {
    var broken =
        Fixtures.istio()
            .change(Kind.NAMESPACE, "", "pay", json -> json.withObject("/metadata").put("x", 1))
            .without(Kind.SERVICE, "pay", "web")
            .unseen(Kind.SECRET);
    assertThat(broken.cluster().objects().find(Kind.SERVICE, "pay", "web")).isEmpty();
    assertThat(broken.cluster().objects().look(Kind.SECRET).found()).isEmpty();
    assertThat(Fixtures.istio().cluster().objects().find(Kind.SERVICE, "pay", "web")).isPresent();
  }

  @Test
  void theHealthyHaveNoFindings() {
    assertThat(Fixtures.diagnosis(Fixtures.istio().evidence()).open()).isEmpty();
    assertThat(Fixtures.diagnosis(Fixtures.selvage().evidence()).open()).isEmpty();
    assertThat(Fixtures.diagnosis(Fixtures.pair()).open()).isEmpty();
  }
}
