package io.selvage.doctor.view;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.mesh.Owners;
import io.selvage.model.PortProtocol;
import io.selvage.model.SourceLocation;
import io.selvage.prove.Budget;
import io.selvage.prove.LintReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Options;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Prover;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster as the prover takes it: its policies, and its workloads with a sidecar, replicas being
 * one.
 */
public final class Proved {
  /** Labels that replicas and releases of one workload do not share. */
  private static final List<String> OF_ONE_POD =
      List.of(
          "pod-template-hash",
          "controller-revision-hash",
          "statefulset.kubernetes.io/pod-name",
          "apps.kubernetes.io/pod-index");

  /** The doctor has five seconds for all; what does not come to an end in these is UNKNOWN. */
  private static final Budget BUDGET =
      new Budget(300_000, 5_000, 128L << 20, Duration.ofSeconds(2), Duration.ofSeconds(3));

  private final Mesh mesh;
  private final Map<String, ProvedWorkload> byPod;

  private Proved(Mesh mesh, Map<String, ProvedWorkload> byPod) {
    this.mesh = mesh;
    this.byPod = byPod;
  }

  /** Of what was seen of a cluster. */
  public static Proved of(ClusterEvidence cluster) {
    return cluster.objects().derived(Proved.class, _ -> read(cluster));
  }

  private static Proved read(ClusterEvidence cluster) {
    MeshView view = MeshView.of(cluster);
    Map<String, ProvedWorkload> byName = new LinkedHashMap<>();
    Map<String, ProvedWorkload> byPod = new LinkedHashMap<>();
    for (PodView pod : view.sidecars()) {
      ProvedWorkload workload = workload(cluster, view, pod);
      ProvedWorkload known = byName.putIfAbsent(workload.qualifiedName(), workload);
      byPod.put(pod.qualified(), known == null ? workload : known);
    }
    return new Proved(
        Mesh.of(cluster.context(), view.snapshot(), List.copyOf(byName.values())),
        Map.copyOf(byPod));
  }

  private static ProvedWorkload workload(ClusterEvidence cluster, MeshView view, PodView pod) {
    Map<String, String> labels = new LinkedHashMap<>(pod.labels());
    OF_ONE_POD.forEach(labels::remove);
    String name =
        Owners.workload(cluster.objects(), pod.pod()).map(owner -> owner.name()).orElse(pod.name());
    List<Port> ports = new ArrayList<>();
    for (InboundPort port : view.ports(pod)) {
      if (port.protocol() != PortProtocol.UDP) {
        ports.add(new Port("", port.number(), port.protocol(), Optional.empty(), port.number()));
      }
    }
    return new ProvedWorkload(
        "",
        pod.namespace(),
        name,
        labels,
        Optional.of(
            "spiffe://%s/ns/%s/sa/%s"
                .formatted(view.settings().trustDomain(), pod.namespace(), pod.serviceAccount())),
        ports,
        List.of(),
        true,
        new SourceLocation(pod.ref().toString(), 0, 0));
  }

  public Mesh mesh() {
    return mesh;
  }

  /** The workload that a Pod is of; empty for one without a sidecar. */
  public Optional<ProvedWorkload> workload(PodView pod) {
    return Optional.ofNullable(byPod.get(pod.qualified()));
  }

  /** What is odd about the policies, and where plaintext may do anything; asked once for all. */
  public static LintReport lint(ClusterEvidence cluster) {
    return cluster.objects().derived(LintReport.class, _ -> prover().lint(of(cluster).mesh()));
  }

  /** Asks within what a doctor's run may take. */
  public static Prover prover() {
    return new Prover(Options.DEFAULT.withBudget(BUDGET).withRows(1));
  }
}
