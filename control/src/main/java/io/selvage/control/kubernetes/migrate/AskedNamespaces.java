package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.Forbidden;
import io.selvage.control.kubernetes.inject.InjectionSelectors;
import io.selvage.control.kubernetes.inject.LabelSelector;
import io.selvage.control.kubernetes.inject.LabelSelector.Expression;
import io.selvage.control.kubernetes.inject.LabelSelector.Operator;
import io.selvage.control.kubernetes.webhook.CaBundles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which labels of a namespace ask this cluster's Selvage for sidecars: as its webhook's selectors
 * say, so with its revision tags, and with Istio's labels where it takes those for its own.
 */
record AskedNamespaces(List<LabelSelector> selectors) {

  /**
   * Of what is installed; where nothing is, or who asks may not see it, of an installation beside
   * an Istio.
   */
  static AskedNamespaces in(KubernetesClient client) {
    return of(
        Forbidden.or(
            () ->
                Optional.ofNullable(
                    client
                        .admissionRegistration()
                        .v1()
                        .mutatingWebhookConfigurations()
                        .withName(CaBundles.INJECTOR)
                        .get()),
            Optional.empty()));
  }

  static AskedNamespaces of(Optional<MutatingWebhookConfiguration> installed) {
    if (installed.isEmpty()) {
      return new AskedNamespaces(
          InjectionSelectors.of(false, List.of()).stream()
              .map(InjectionSelectors.Entry::namespace)
              .toList());
    }
    return new AskedNamespaces(
        installed.get().getWebhooks().stream()
            .map(MutatingWebhook::getNamespaceSelector)
            .map(AskedNamespaces::read)
            .toList());
  }

  private static LabelSelector read(io.fabric8.kubernetes.api.model.LabelSelector written) {
    return new LabelSelector(
        Optional.ofNullable(written.getMatchLabels()).orElse(Map.of()),
        written.getMatchExpressions().stream().map(AskedNamespaces::read).toList());
  }

  private static Expression read(LabelSelectorRequirement written) {
    return new Expression(
        written.getKey(),
        Stream.of(Operator.values())
            .filter(one -> one.text().equals(written.getOperator()))
            .findFirst()
            .orElseThrow(),
        written.getValues());
  }

  /** Whether this label alone, on a namespace, asks. */
  boolean by(String label, String value) {
    return selectors.stream().anyMatch(selector -> selector.matches(Map.of(label, value)));
  }
}
