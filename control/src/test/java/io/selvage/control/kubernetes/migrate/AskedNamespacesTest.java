package io.selvage.control.kubernetes.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.selvage.control.kubernetes.inject.InjectionSelectors;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose sidecars a namespace's labels ask for, by the selectors of the webhook that is there. */
class AskedNamespacesTest {

  private static AskedNamespaces installed(boolean istioLabels, List<String> tags) {
    var configuration = new MutatingWebhookConfigurationBuilder();
    for (InjectionSelectors.Entry entry : InjectionSelectors.of(istioLabels, tags)) {
      var webhook = configuration.addNewWebhook().withName(entry.name()).withNewNamespaceSelector();
      entry
          .namespace()
          .expressions()
          .forEach(
              one ->
                  webhook
                      .addNewMatchExpression()
                      .withKey(one.key())
                      .withOperator(one.operator().text())
                      .withValues(one.values())
                      .endMatchExpression());
      webhook.endNamespaceSelector().endWebhook();
    }
    return AskedNamespaces.of(Optional.of(configuration.build()));
  }

  private static String plane(AskedNamespaces asked, String labels) {
    Map<String, String> all = new TreeMap<>();
    for (String label : labels.split(" ", -1)) {
      int equals = label.indexOf('=');
      all.put(label.substring(0, equals), label.substring(equals + 1));
    }
    return Surveyor.injection(all, asked).plane().map(Plane::name).orElse("-");
  }

  @ParameterizedTest
  @CsvSource({
    // labels; beside an Istio, with Istio's labels, with the tag prod
    "selvage.io/injection=enabled, SELVAGE, SELVAGE, SELVAGE",
    "selvage.io/injection=disabled, -, -, -",
    "istio-injection=enabled, ISTIO, SELVAGE, ISTIO",
    "istio-injection=disabled, -, -, -",
    "istio.io/rev=selvage, SELVAGE, SELVAGE, SELVAGE",
    "istio.io/rev=default, ISTIO, SELVAGE, ISTIO",
    "istio.io/rev=prod, ISTIO, ISTIO, SELVAGE",
    "istio.io/rev=canary, ISTIO, ISTIO, ISTIO",
    "istio-injection=enabled selvage.io/injection=enabled, -, SELVAGE, -",
    "istio.io/rev=canary selvage.io/injection=enabled, -, -, -",
    "istio.io/rev=prod istio-injection=enabled, ISTIO, -, -",
  })
  void whoIsAsked(String labels, String besideAnIstio, String istioLabels, String tagged) {
    assertThat(plane(installed(false, List.of()), labels)).isEqualTo(besideAnIstio);
    assertThat(plane(AskedNamespaces.of(Optional.empty()), labels)).isEqualTo(besideAnIstio);
    assertThat(plane(installed(true, List.of()), labels)).isEqualTo(istioLabels);
    assertThat(plane(installed(false, List.of("prod")), labels)).isEqualTo(tagged);
  }

  @Test
  void theLabelsAreShownAsTheyAre() {
    assertThat(
            Surveyor.injection(
                    Map.of("istio.io/rev", "prod", "app", "x"), installed(true, List.of()))
                .labels())
        .isEqualTo("istio.io/rev=prod");
  }
}
