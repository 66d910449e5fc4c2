package io.selvage.control.kubernetes.inject;

import static io.selvage.control.kubernetes.inject.InjectionPolicy.ISTIO_NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.NAMESPACE_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.POD_LABEL;
import static io.selvage.control.kubernetes.inject.InjectionPolicy.REVISION_LABEL;

import io.selvage.control.kubernetes.inject.LabelSelector.Expression;
import io.selvage.control.kubernetes.inject.LabelSelector.Operator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The entries of the MutatingWebhookConfiguration: about which Pods the API server asks. Together
 * with what {@link InjectionPolicy} decides of the Pod alone, it is the policy's whole table; a
 * test holds that.
 */
public final class InjectionSelectors {
  private static final Expression NOT_REFUSED = in(POD_LABEL, Operator.NOT_IN, "false");

  private InjectionSelectors() {}

  /**
   * One entry.
   *
   * @param name of the webhook: a DNS name, unique in the configuration
   * @param namespace {@code namespaceSelector}
   * @param object {@code objectSelector}
   */
  public record Entry(String name, LabelSelector namespace, LabelSelector object) {
    /** Whether the API server asks. */
    public boolean asks(Map<String, String> namespaceLabels, Map<String, String> podLabels) {
      return namespace.matches(namespaceLabels) && object.matches(podLabels);
    }
  }

  /**
   * Of an installation.
   *
   * @param istioLabels whether it takes Istio's labels for its own. What this adds are entries
   *     whose names begin with {@code istio.}, so that an installer can add them by a condition
   * @param tags further names by which {@code istio.io/rev} asks for it, see {@link RevisionTags}
   */
  public static List<Entry> of(boolean istioLabels, Collection<String> tags) {
    List<String> names = RevisionTags.names(tags);
    List<Entry> all = new ArrayList<>();
    all.add(
        entry(
            "namespace",
            List.of(in(NAMESPACE_LABEL, Operator.IN, "enabled")),
            List.of(NOT_REFUSED)));
    revisions(all, "", names);
    if (istioLabels) {
      all.add(
          entry(
              "istio.namespace",
              List.of(absent(NAMESPACE_LABEL), in(ISTIO_NAMESPACE_LABEL, Operator.IN, "enabled")),
              List.of(NOT_REFUSED)));
      all.add(
          entry(
              "istio.object",
              unlabelled(),
              List.of(in(POD_LABEL, Operator.IN, "true"), absent(REVISION_LABEL))));
      if (!names.contains(RevisionTags.ISTIOS)) {
        revisions(all, "istio.", List.of(RevisionTags.ISTIOS));
      }
    }
    return all;
  }

  /** Namespaces, and Pods of namespaces that say nothing, that ask by one of these names. */
  private static void revisions(List<Entry> all, String prefix, List<String> names) {
    Expression named = new Expression(REVISION_LABEL, Operator.IN, names);
    all.add(
        entry(
            prefix + "rev.namespace",
            List.of(absent(NAMESPACE_LABEL), absent(ISTIO_NAMESPACE_LABEL), named),
            List.of(NOT_REFUSED)));
    all.add(entry(prefix + "rev.object", unlabelled(), List.of(NOT_REFUSED, named)));
  }

  private static Entry entry(String prefix, List<Expression> namespace, List<Expression> object) {
    return new Entry(
        prefix + ".sidecar-injector.selvage.io",
        new LabelSelector(Map.of(), namespace),
        new LabelSelector(Map.of(), object));
  }

  private static List<Expression> unlabelled() {
    return List.of(absent(NAMESPACE_LABEL), absent(ISTIO_NAMESPACE_LABEL), absent(REVISION_LABEL));
  }

  private static Expression absent(String key) {
    return new Expression(key, Operator.DOES_NOT_EXIST, List.of());
  }

  private static Expression in(String key, Operator operator, String value) {
    return new Expression(key, operator, List.of(value));
  }
}
