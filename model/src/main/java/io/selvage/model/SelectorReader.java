package io.selvage.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what says which workloads a resource is for: {@code selector} and {@code targetRefs}. */
final class SelectorReader {
  private static final Map<String, String> TARGET_GROUPS =
      Map.of(
          "Service", "",
          "ServiceEntry", "networking.istio.io",
          "Gateway", "gateway.networking.k8s.io",
          "GatewayClass", "gateway.networking.k8s.io");
  private static final int MOST_TARGETS = 16;

  private SelectorReader() {}

  /** The {@code selector} of the security group. */
  static Optional<WorkloadSelector> selector(Fields spec) {
    return labels(spec, "selector", "matchLabels");
  }

  /**
   * A selector under some name.
   *
   * @param inner the field that holds the labels: Istio has two names for it
   */
  static Optional<WorkloadSelector> labels(Fields spec, String name, String inner) {
    Optional<Fields> selector = spec.object(name);
    if (selector.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = selector.get();
    Map<String, String> labels = fields.textMap(inner);
    labels.forEach((label, value) -> check(fields, inner, label, value));
    fields.finish();
    if (labels.isEmpty()) {
      spec.warning(
          ProblemCodes.POLICY_SURPRISE,
          name,
          "has no labels, so it selects every workload; remove it or write labels");
    }
    return Optional.of(new WorkloadSelector(labels));
  }

  private static void check(Fields fields, String inner, String label, String value) {
    if (label.isEmpty()) {
      fields.refuse(inner, "a label must have a name");
    }
    if (label.contains("*") || value.contains("*")) {
      fields.refuse(
          inner, "%s: %s: labels are compared exactly, without *".formatted(label, value));
    }
  }

  /** {@code targetRefs}, or the single {@code targetRef}; refuses both beside a selector. */
  static List<TargetRef> targetRefs(Fields spec) {
    List<TargetRef> targets = new ArrayList<>();
    spec.object("targetRef").ifPresent(target -> targets.add(target(target)));
    spec.objects("targetRefs").forEach(target -> targets.add(target(target)));
    if (targets.size() > MOST_TARGETS) {
      spec.refuse("targetRefs", "has more than " + MOST_TARGETS + " targets");
    }
    String name = spec.has("targetRefs") ? "targetRefs" : "targetRef";
    boolean several = spec.has("targetRef") && spec.has("targetRefs");
    if (several || (!targets.isEmpty() && spec.has("selector"))) {
      spec.refuse(name, "give only one of selector, targetRef and targetRefs");
    }
    return targets;
  }

  private static TargetRef target(Fields fields) {
    String kind = fields.required("kind");
    String group = fields.text("group", "");
    String expected = TARGET_GROUPS.get(kind);
    String canonical = group.equals("core") ? "" : group;
    if (expected == null) {
      fields.refuse(
          "kind", "\"%s\" is not Service, ServiceEntry, Gateway or GatewayClass".formatted(kind));
    } else if (!expected.equals(canonical)) {
      fields.refuse("group", "a %s is in the group \"%s\"".formatted(kind, expected));
    }
    String namespace = fields.text("namespace", "");
    if (!namespace.isEmpty()) {
      fields.refuse("namespace", "a target is always in the policy's own namespace; remove this");
    }
    TargetRef target = new TargetRef(canonical, kind, fields.required("name"), namespace);
    fields.finish();
    return target;
  }
}
