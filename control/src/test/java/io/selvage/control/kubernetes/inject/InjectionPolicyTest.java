package io.selvage.control.kubernetes.inject;

import static io.selvage.control.kubernetes.inject.InjectionPolicy.ISTIO_NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.POD_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.REVISION_LABEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.control.kubernetes.inject.InjectionPolicy.Decision;
import io.selvage.control.kubernetes.inject.LabelSelector.Expression;
import io.selvage.control.kubernetes.inject.LabelSelector.Operator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** The whole table of who gets a sidecar. */
class InjectionPolicyTest {
  private static final List<String> NOT_THERE_OR = List.of("", "enabled", "disabled", "other");
  private static final List<String> REVISIONS = List.of("", "selvage", "default", "prod", "canary");
  private static final List<String> WISHES = List.of("", "true", "false", "perhaps");

  /** What an installation was told of labels. */
  private record Installed(boolean istioLabels, List<String> tags) {}

  private static final List<Installed> INSTALLED =
      List.of(
          new Installed(true, List.of()),
          new Installed(false, List.of()),
          new Installed(true, List.of("prod", "default")),
          new Installed(false, List.of("prod", "selvage")),
          new Installed(false, List.of("default")));

  private static Map<String, String> labels(String... namesAndValues) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!namesAndValues[i + 1].isEmpty()) {
        all.put(namesAndValues[i], namesAndValues[i + 1]);
      }
    }
    return all;
  }

  private static boolean injects(
      InjectionSettings settings, ObjectNode pod, Optional<Map<String, String>> namespace) {
    return new InjectionPolicy(settings).decide(pod, "sample", namespace)
        instanceof Decision.Inject;
  }

  /** Rows of Istio's documentation and of ours; "-" is a label that is not there. */
  @ParameterizedTest
  @CsvSource({
    // selvage.io/injection, istio-injection, istio.io/rev, Pod: istio.io/rev, inject (label),
    // injected, injected beside an Istio
    "enabled,  -,        -,       -,       -,     true,  true",
    "enabled,  -,        -,       -,       true,  true,  true",
    "enabled,  -,        -,       -,       false, false, false",
    "disabled, -,        -,       -,       -,     false, false",
    "disabled, -,        -,       -,       true,  false, false",
    "disabled, enabled,  selvage, selvage, true,  false, false",
    "-,        enabled,  -,       -,       -,     true,  false",
    "-,        enabled,  -,       -,       false, false, false",
    "-,        disabled, -,       -,       -,     false, false",
    "-,        disabled, -,       -,       true,  false, false",
    "-,        disabled, selvage, -,       -,     false, false",
    "-,        enabled,  canary,  -,       -,     true,  false",
    "-,        -,        selvage, -,       -,     true,  true",
    "-,        -,        selvage, -,       false, false, false",
    "-,        -,        canary,  -,       -,     false, false",
    "-,        -,        canary,  selvage, true,  false, false",
    "-,        -,        -,       selvage, -,     true,  true",
    "-,        -,        -,       selvage, false, false, false",
    "-,        -,        -,       canary,  true,  false, false",
    "-,        -,        -,       -,       true,  true,  false",
    "-,        -,        -,       -,       -,     false, false",
    "enabled,  enabled,  canary,  canary,  -,     true,  true",
    "-,        -,        default, -,       -,     true,  false",
    "-,        -,        default, -,       false, false, false",
    "-,        -,        default, canary,  -,     true,  false",
    "disabled, -,        default, -,       -,     false, false",
    "-,        disabled, default, -,       -,     false, false",
    "-,        -,        canary,  default, true,  false, false",
    "-,        -,        -,       default, -,     true,  false",
    "-,        -,        -,       default, true,  true,  false",
    "-,        -,        -,       default, false, false, false",
    "enabled,  -,        -,       default, -,     true,  true",
  })
  void asDocumented(
      String own,
      String istios,
      String revision,
      String podRevision,
      String wish,
      boolean injected,
      boolean besideAnIstio) {
    Map<String, String> namespace =
        labels(
            NAMESPACE_LABEL,
            own.replace("-", ""),
            ISTIO_NAMESPACE_LABEL,
            istios.replace("-", ""),
            REVISION_LABEL,
            revision.replace("-", ""));
    ObjectNode pod =
        Pods.with(
            labels(REVISION_LABEL, podRevision.replace("-", ""), POD_LABEL, wish.replace("-", "")),
            Map.of());
    assertThat(injects(Pods.SETTINGS, pod, Optional.of(namespace))).isEqualTo(injected);
    assertThat(injects(Pods.settings(false, List.of()), pod, Optional.of(namespace)))
        .isEqualTo(besideAnIstio);
  }

  /**
   * What the API server asks about, and what is then decided of the Pod alone, is what is decided
   * of both: for each combination of labels.
   */
  @Test
  void theWebhooksSelectorsAndThePodSayTheSameAsTheTable() {
    int asked = 0;
    int combinations = 0;
    for (Installed installed : INSTALLED) {
      InjectionSettings settings =
          Pods.settings(installed.istioLabels(), installed.tags(), List.of());
      List<InjectionSelectors.Entry> entries =
          InjectionSelectors.of(installed.istioLabels(), installed.tags());
      for (String own : NOT_THERE_OR) {
        for (String istios : NOT_THERE_OR) {
          for (String revision : REVISIONS) {
            for (String podRevision : REVISIONS) {
              for (String label : WISHES) {
                for (String annotation : WISHES) {
                  Map<String, String> namespace =
                      labels(
                          NAMESPACE_LABEL,
                          own,
                          ISTIO_NAMESPACE_LABEL,
                          istios,
                          REVISION_LABEL,
                          revision);
                  Map<String, String> pod = labels(REVISION_LABEL, podRevision, POD_LABEL, label);
                  ObjectNode json = Pods.with(pod, labels(POD_LABEL, annotation));
                  long asking = entries.stream().filter(e -> e.asks(namespace, pod)).count();
                  assertThat(asking).as("asked once: %s %s", namespace, pod).isLessThan(2);
                  boolean told = asking == 1 && injects(settings, json, Optional.empty());
                  assertThat(told)
                      .as("%s, Pod %s, annotated %s", namespace, pod, annotation)
                      .isEqualTo(injects(settings, json, Optional.of(namespace)));
                  asked += told ? 1 : 0;
                  combinations++;
                }
              }
            }
          }
        }
      }
    }
    assertThat(combinations).isEqualTo(5 * 4 * 4 * 5 * 5 * 4 * 4);
    assertThat(asked).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "prod,    true",
    "default, true",
    "selvage, true",
    "canary,  false",
    "Prod,    false",
  })
  void aTagIsHeardAsSelvageIsOfNamespacesAndOfPodsBesideAnIstioToo(
      String revision, boolean injected) {
    InjectionSettings settings = Pods.settings(false, List.of("prod", "default"), List.of());
    Map<String, String> asking = Map.of(REVISION_LABEL, revision);
    assertThat(injects(settings, Pods.with(Map.of(), Map.of()), Optional.of(asking)))
        .isEqualTo(injected);
    assertThat(injects(settings, Pods.with(asking, Map.of()), Optional.of(Map.of())))
        .isEqualTo(injected);
  }

  @Test
  void istiosEntriesAreToldByTheirNames() {
    List<String> without = names(InjectionSelectors.of(false, List.of("prod")));
    List<String> with = names(InjectionSelectors.of(true, List.of("prod")));
    assertThat(without).noneMatch(name -> name.startsWith("istio."));
    assertThat(with).startsWith(without.toArray(String[]::new)).doesNotHaveDuplicates();
    assertThat(with.subList(without.size(), with.size()))
        .isNotEmpty()
        .allMatch(name -> name.startsWith("istio."));
  }

  private static List<String> names(List<InjectionSelectors.Entry> entries) {
    return entries.stream().map(InjectionSelectors.Entry::name).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Prod", "a.b", "-a", "a-", "a_b", "ä", "a b"})
  void whatIsNoDnsLabelIsNoTag(String tag) {
    assertThatThrownBy(() -> RevisionTags.checked(tag))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + tag + "' is no revision tag");
  }

  @Test
  void aTagHasAtMostSixtyThreeCharacters() {
    assertThat(RevisionTags.checked("1-27-" + "x".repeat(58))).hasSize(63);
    assertThatThrownBy(() -> RevisionTags.checked("x".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'',      '',      true",
    "'',      true,    true",
    "'',      false,   false",
    "true,    false,   true",
    "false,   true,    false",
    "perhaps, false,   true",
    "'',      perhaps, true",
  })
  void aPodsLabelWinsOverItsAnnotation(String label, String annotation, boolean injected) {
    ObjectNode pod = Pods.with(labels(POD_LABEL, label), labels(POD_LABEL, annotation));
    assertThat(injects(Pods.SETTINGS, pod, Optional.empty())).isEqualTo(injected);
  }

  @Test
  void aPodOnTheHostsNetworkIsNeverInjectedAndItsOwnerIsTold() {
    ObjectNode pod = Pods.with(Map.of(POD_LABEL, "true"), Map.of());
    ((ObjectNode) pod.get("spec")).put("hostNetwork", true);
    assertThat(new InjectionPolicy(Pods.SETTINGS).decide(pod, "sample", Optional.empty()))
        .isInstanceOfSatisfying(Decision.Leave.class, leave -> assertThat(leave.told()).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"kube-system", "kube-public", "kube-node-lease", "local-path-storage"})
  void kubernetesOwnNamespacesAreLeftAlone(String namespace) {
    ObjectNode pod = Pods.with(Map.of(POD_LABEL, "true"), Map.of());
    assertThat(new InjectionPolicy(Pods.SETTINGS).decide(pod, namespace, Optional.empty()))
        .isInstanceOf(Decision.Leave.class);
  }

  @Test
  void theInstallationsSelectorLeavesAloneWhoDoesNotAsk() {
    InjectionSettings settings =
        Pods.settings(
            true,
            List.of(
                new LabelSelector(Map.of(), List.of()),
                new LabelSelector(
                    Map.of("job", "yes"),
                    List.of(new Expression("tier", Operator.NOT_IN, List.of("front"))))));
    assertThat(injects(settings, Pods.with(Map.of("job", "yes"), Map.of()), Optional.empty()))
        .isFalse();
    assertThat(
            injects(
                settings,
                Pods.with(Map.of("job", "yes", "tier", "front"), Map.of()),
                Optional.empty()))
        .isTrue();
    assertThat(
            injects(
                settings,
                Pods.with(Map.of("job", "yes", POD_LABEL, "true"), Map.of()),
                Optional.empty()))
        .isTrue();
    assertThat(injects(settings, Pods.with(Map.of(), Map.of()), Optional.empty())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"containers", "initContainers"})
  void whatAnyInjectorLeftIsNotInjectedAgain(String where) {
    ObjectNode pod = Pods.annotated(InjectionPolicy.STATUS, "{\"revision\":\"default\"}");
    PodJson.arrayAt((ObjectNode) pod.get("spec"), where)
        .addObject()
        .put("name", "istio-proxy")
        .put("image", "istio/proxyv2");
    assertThat(injects(Pods.SETTINGS, pod, Optional.empty())).isFalse();
  }

  @Test
  void aStatusWithoutASidecarIsNoSidecar() {
    assertThat(
            injects(Pods.SETTINGS, Pods.annotated(InjectionPolicy.STATUS, "{}"), Optional.empty()))
        .isTrue();
  }
}
