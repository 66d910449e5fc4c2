package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.prove.report.DiffText;
import io.selvage.control.kubernetes.webhook.ChangeReview;
import io.selvage.control.kubernetes.webhook.DemandsMap;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.PodTemplate;
import io.selvage.model.RequestAuthentication;
import io.selvage.model.Resource;
import io.selvage.model.SourceLocation;
import io.selvage.prove.Budget;
import io.selvage.prove.Change.Direction;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Options;
import io.selvage.prove.Prover;
import io.selvage.prove.input.Inventory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows whoever changes a cluster's policy what the change newly allows, and refuses one that would
 * break a demand of the ConfigMap {@code selvage-assertions} that holds without it. What can't be
 * decided in time is a warning: the gate before a change is {@code selvage prove check}.
 */
final class ProvedChanges implements ChangeReview {
  private static final Logger LOG = LoggerFactory.getLogger(ProvedChanges.class);
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /** Of every question that an API server waits for. */
  static final Options OPTIONS = Options.DEFAULT.withBudget(Budget.DEFAULT.within(LIMIT, LIMIT));

  private final Supplier<MeshSnapshot> inForce;
  private final Supplier<List<WorkloadInstance>> workloads;
  private final Supplier<Map<String, String>> demands;

  ProvedChanges(
      Supplier<MeshSnapshot> inForce,
      Supplier<List<WorkloadInstance>> workloads,
      Supplier<Map<String, String>> demands) {
    this.inForce = inForce;
    this.workloads = workloads;
    this.demands = demands;
  }

  @Override
  public Opinion of(Change change) {
    String what =
        switch (change) {
          case Change.Stored(var resource) -> resource.meta().qualifiedName();
          case Change.Removed(var resource) -> resource.meta().qualifiedName();
          case Change.Demanded _ -> DemandsMap.NAME;
        };
    try {
      return switch (change) {
        case Change.Stored(var resource) ->
            isPolicy(resource) ? judged(before -> with(before, resource)) : Opinion.NOTHING;
        case Change.Removed(var resource) ->
            isPolicy(resource) ? judged(before -> without(before, resource)) : Opinion.NOTHING;
        case Change.Demanded(var texts) -> ClusterDemands.read(texts).judged(now());
      };
    } catch (RuntimeException e) {
      LOG.warn("what a change of {} does is not known", what, e);
      return new Opinion(
          List.of("SLV9412 what this change allows is not known: " + e), Optional.empty());
    }
  }

  private static boolean isPolicy(Resource changed) {
    return changed instanceof AuthorizationPolicy
        || changed instanceof PeerAuthentication
        || changed instanceof RequestAuthentication;
  }

  private Mesh now() {
    return mesh("now", inForce.get(), workloads.get().stream().map(ProvedChanges::pod).toList());
  }

  private Opinion judged(UnaryOperator<MeshSnapshot> change) {
    MeshSnapshot before = inForce.get();
    List<PodTemplate> pods = workloads.get().stream().map(ProvedChanges::pod).toList();
    Mesh base = mesh("before", before, pods);
    Mesh head = mesh("after", change.apply(before), pods);
    DiffReport report = new Prover(OPTIONS).diff(base, head);
    List<String> warnings = new ArrayList<>();
    DiffReport allowed =
        new DiffReport(
            report.changes().stream().filter(one -> one.direction() == Direction.ALLOWED).toList(),
            List.of(),
            List.of(),
            report.inconclusive(),
            List.of(),
            report.effort());
    DiffText.brief(allowed, base, head)
        .forEach(
            line -> warnings.add((allowed.changes().isEmpty() ? "SLV9412" : "SLV9420") + line));
    return new Opinion(warnings, broken(base, head, warnings));
  }

  private Optional<String> broken(Mesh base, Mesh head, List<String> warnings) {
    try {
      return ClusterDemands.read(demands.get()).broken(base, head, warnings);
    } catch (KubernetesClientException e) {
      warnings.add(
          "SLV9412 the ConfigMap %s cannot be read: %s".formatted(DemandsMap.NAME, e.getMessage()));
      return Optional.empty();
    }
  }

  private static MeshSnapshot with(MeshSnapshot before, Resource changed) {
    List<Resource> all = new ArrayList<>(without(before, changed).resources());
    all.add(changed);
    return MeshSnapshot.of(before.generation() + 1, all, List.of());
  }

  private static MeshSnapshot without(MeshSnapshot before, Resource gone) {
    List<Resource> all = new ArrayList<>(before.resources());
    all.removeIf(
        one ->
            one.kind().equals(gone.kind())
                && one.meta().qualifiedName().equals(gone.meta().qualifiedName()));
    return MeshSnapshot.of(before.generation() + 1, all, List.of());
  }

  private static Mesh mesh(String name, MeshSnapshot snapshot, List<PodTemplate> pods) {
    return Mesh.of(name, snapshot, Inventory.of("", snapshot, pods));
  }

  /**
   * A Pod as the control plane knows it; replicas have no owner here, and become one by their
   * labels.
   */
  private static PodTemplate pod(WorkloadInstance instance) {
    return new PodTemplate(
        "Pod",
        instance.namespace(),
        instance.labels().getOrDefault("app", instance.name()),
        instance.labels(),
        Map.of(),
        instance.serviceAccount(),
        instance.ports().entrySet().stream()
            .map(port -> new PodTemplate.Port(port.getKey(), port.getValue()))
            .toList(),
        instance.hasProxy() ? List.of("istio-proxy") : List.of(),
        false,
        false,
        List.of(instance.address()),
        Optional.empty(),
        false,
        new SourceLocation("Pod %s/%s".formatted(instance.namespace(), instance.name()), 0, 0));
  }
}
