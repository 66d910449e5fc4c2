package io.selvage.control.kubernetes.migrate;

import static io.selvage.control.kubernetes.inject.InjectionPolicy.ISTIO_NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.POD_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.REVISION_LABEL;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.inject.InjectionSelectors;
import io.selvage.control.kubernetes.inject.LabelSelector;
import io.selvage.control.kubernetes.inject.LabelSelector.Expression;
import io.selvage.control.kubernetes.inject.LabelSelector.Operator;
import io.selvage.control.kubernetes.migrate.IstioSelectors.Heard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whom Istio's injectors hear, against the selectors of its chart. */
class IstioSelectorsTest {
  private static final List<String> INJECTION = List.of("", "enabled", "disabled", "other");
  private static final List<String> REVISIONS = List.of("", "selvage", "default", "canary");
  private static final List<String> WISHES = List.of("", "true", "false", "perhaps");

  private static Expression absent(String key) {
    return new Expression(key, Operator.DOES_NOT_EXIST, List.of());
  }

  private static Expression in(String key, String value) {
    return new Expression(key, Operator.IN, List.of(value));
  }

  private static InjectionSelectors.Entry entry(
      String name, List<Expression> namespace, List<Expression> object) {
    return new InjectionSelectors.Entry(
        name, new LabelSelector(Map.of(), namespace), new LabelSelector(Map.of(), object));
  }

  /** {@code istio-discovery/templates/mutatingwebhook.yaml}, installed as default and as canary. */
  private static List<InjectionSelectors.Entry> istios(boolean byDefault) {
    Expression notRefused = new Expression(POD_LABEL, Operator.NOT_IN, List.of("false"));
    List<Expression> unlabelled = List.of(absent(REVISION_LABEL), absent(ISTIO_NAMESPACE_LABEL));
    List<InjectionSelectors.Entry> all = new ArrayList<>();
    for (String revision : List.of("default", "canary")) {
      all.add(
          entry(
              "rev.namespace",
              List.of(in(REVISION_LABEL, revision), absent(ISTIO_NAMESPACE_LABEL)),
              List.of(notRefused)));
      all.add(entry("rev.object", unlabelled, List.of(notRefused, in(REVISION_LABEL, revision))));
    }
    all.add(entry("namespace", List.of(in(ISTIO_NAMESPACE_LABEL, "enabled")), List.of(notRefused)));
    all.add(entry("object", unlabelled, List.of(in(POD_LABEL, "true"), absent(REVISION_LABEL))));
    if (byDefault) {
      all.add(entry("auto", unlabelled, List.of(absent(POD_LABEL), absent(REVISION_LABEL))));
    }
    return all;
  }

  private static Map<String, String> labels(String... namesAndValues) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!namesAndValues[i + 1].isEmpty()) {
        all.put(namesAndValues[i], namesAndValues[i + 1]);
      }
    }
    return all;
  }

  @Test
  void hearsWhomTheChartsSelectorsHear() {
    int heard = 0;
    for (boolean byDefault : List.of(true, false)) {
      for (String injection : INJECTION) {
        for (String revision : REVISIONS) {
          for (String podRevision : REVISIONS) {
            for (String wish : WISHES) {
              Map<String, String> namespace =
                  labels(ISTIO_NAMESPACE_LABEL, injection, REVISION_LABEL, revision);
              Map<String, String> pod = labels(REVISION_LABEL, podRevision, POD_LABEL, wish);
              boolean asked = istios(byDefault).stream().anyMatch(e -> e.asks(namespace, pod));
              assertThat(new IstioSelectors(byDefault).heard("pay", namespace, pod) != Heard.NOT)
                  .as("namespace %s, Pod %s", namespace, pod)
                  .isEqualTo(asked);
              heard += asked ? 1 : 0;
            }
          }
        }
      }
    }
    assertThat(heard).isPositive();
  }

  /** What the guide moves a namespace with. */
  @Test
  void aNamespaceOfOurRevisionIsHeardByOursAlone() {
    Map<String, String> namespace = labels(REVISION_LABEL, "selvage");
    for (String podRevision : REVISIONS) {
      for (String wish : WISHES) {
        Map<String, String> pod = labels(REVISION_LABEL, podRevision, POD_LABEL, wish);
        assertThat(istios(true)).as("%s", pod).noneMatch(entry -> entry.asks(namespace, pod));
        for (boolean istioLabels : List.of(true, false)) {
          assertThat(
                  InjectionSelectors.of(istioLabels, List.of()).stream()
                      .filter(e -> e.asks(namespace, pod)))
              .as("%s", pod)
              .hasSize(wish.equals("false") ? 0 : 1);
        }
      }
    }
  }

  /** Why it does not move it with our own label. */
  @Test
  void ourOwnLabelKeepsIstioFromNoPodThatAsks() {
    Map<String, String> namespace = labels(NAMESPACE_LABEL, "enabled");
    var selectors = new IstioSelectors(false);
    assertThat(selectors.heard("pay", namespace, labels(POD_LABEL, "true")))
        .isEqualTo(Heard.BY_ITSELF);
    assertThat(selectors.heard("pay", namespace, labels(REVISION_LABEL, "canary")))
        .isEqualTo(Heard.BY_ITSELF);
    assertThat(selectors.heard("pay", namespace, labels())).isEqualTo(Heard.NOT);
  }

  @Test
  void kubernetesOwnNamespacesAreNotInjectedByDefault() {
    assertThat(new IstioSelectors(true).heard("kube-system", Map.of(), Map.of()))
        .isEqualTo(Heard.NOT);
    assertThat(new IstioSelectors(true).heard("pay", Map.of(), Map.of()))
        .isEqualTo(Heard.BY_NAMESPACE);
  }
}
