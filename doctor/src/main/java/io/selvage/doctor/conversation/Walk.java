package io.selvage.doctor.conversation;

import io.selvage.control.workload.InboundPort;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A request's way from one workload to another, in the first cluster that has the caller: each hop
 * as it was seen. It ends at the first hop that fails.
 *
 * @param context the cluster's
 */
public record Walk(Conversation conversation, String context, List<Hop> hops) {
  public Walk {
    hops = List.copyOf(hops);
  }

  /** The way as the evidence shows it. */
  public static Walk of(Evidence evidence, Conversation conversation) {
    ClusterEvidence cluster =
        evidence.clusters().stream()
            .filter(one -> !Parties.pods(one, conversation.from()).isEmpty())
            .findFirst()
            .orElse(evidence.clusters().getFirst());
    var walk = new Walking(cluster, conversation);
    walk.go();
    return new Walk(conversation, cluster.context(), walk.hops);
  }

  /** Whether no hop fails. */
  public boolean isThrough() {
    return hops.stream().noneMatch(hop -> hop.status() == Status.FAIL);
  }

  /** The findings that concern either side, or the mesh as a whole. */
  public static Predicate<Finding> concerning(Evidence evidence, Conversation conversation) {
    List<PodView> pods = new ArrayList<>();
    for (ClusterEvidence cluster : evidence.clusters()) {
      pods.addAll(Parties.pods(cluster, conversation.from()));
      pods.addAll(Parties.pods(cluster, conversation.to()));
    }
    Set<String> names = Set.of(conversation.from().name(), conversation.to().name());
    return finding -> Parties.concerns(finding.result(), pods, names);
  }

  /** The diagnosis with those findings alone. */
  public static Diagnosis narrowed(Diagnosis diagnosis, Predicate<Finding> wanted) {
    return new Diagnosis(
        diagnosis.taken(),
        diagnosis.clusters(),
        diagnosis.checks(),
        diagnosis.findings().stream().filter(wanted).toList(),
        diagnosis.expired());
  }

  private static final class Walking {
    private final ClusterEvidence cluster;
    private final Conversation conversation;
    private final MeshView mesh;
    private final List<Hop> hops = new ArrayList<>();

    Walking(ClusterEvidence cluster, Conversation conversation) {
      this.cluster = cluster;
      this.conversation = conversation;
      this.mesh = MeshView.of(cluster);
    }

    void go() {
      List<PodView> callers = Parties.pods(cluster, conversation.from());
      if (callers.isEmpty()) {
        hops.add(Hop.of("caller", Status.FAIL, "no Pod of " + conversation.from() + " was found"));
        return;
      }
      PodView caller = callers.getFirst();
      hops.add(Identities.who("caller", caller));
      hops.add(Identities.certificate(cluster, caller, trustDomain()));
      Optional<MeshService> service = service();
      service.ifPresent(found -> to(caller, found));
    }

    /** Empty when the mesh's settings could not be seen. */
    private Optional<String> trustDomain() {
      return cluster
          .objects()
          .look(Kind.CONFIG_MAP)
          .found()
          .map(_ -> mesh.settings().trustDomain());
    }

    private Optional<MeshService> service() {
      String host =
          "%s.%s.svc.cluster.local"
              .formatted(conversation.to().name(), conversation.to().namespace());
      Optional<MeshService> found = mesh.services().service(host);
      if (found.isEmpty()) {
        hops.add(Hop.of("service", Status.FAIL, "there is no Service " + conversation.to()));
        return found;
      }
      if (found.get().port(conversation.port()).isEmpty()) {
        hops.add(
            Hop.of(
                "service",
                Status.FAIL,
                "Service %s has no port %d; it has %s"
                    .formatted(
                        conversation.to(),
                        conversation.port(),
                        found.get().ports().stream()
                            .map(port -> String.valueOf(port.number()))
                            .toList())));
        return Optional.empty();
      }
      return found;
    }

    private void to(PodView caller, MeshService service) {
      List<ServiceEndpoint> endpoints =
          mesh.services().endpoints(service.host(), conversation.port());
      List<PodView> called =
          endpoints.stream()
              .flatMap(
                  endpoint ->
                      mesh.pods().stream().filter(pod -> pod.address().equals(endpoint.address())))
              .distinct()
              .toList();
      if (endpoints.isEmpty()) {
        hops.add(
            Hop.of(
                "service",
                Status.FAIL,
                "no Pod is ready behind %s:%d".formatted(service.host(), conversation.port())));
        return;
      }
      hops.add(
          Hop.of(
              "service",
              Status.PASS,
              "%s:%d leads to %d endpoint%s"
                  .formatted(
                      service.host(),
                      conversation.port(),
                      endpoints.size(),
                      endpoints.size() == 1 ? "" : "s")));
      hops.add(WayOut.of(cluster, caller, service, conversation.port()));
      if (called.isEmpty()) {
        hops.add(Hop.of("callee", Status.UNKNOWN, "no Pod of these endpoints was seen here"));
        return;
      }
      arrive(caller, called.getFirst());
    }

    private void arrive(PodView caller, PodView called) {
      hops.add(Identities.who("callee", called));
      hops.add(Identities.certificate(cluster, called, trustDomain()));
      Optional<InboundPort> port =
          mesh.ports(called).stream()
              .filter(
                  one ->
                      mesh
                          .services()
                          .endpoints(
                              "%s.%s.svc.cluster.local"
                                  .formatted(
                                      conversation.to().name(), conversation.to().namespace()),
                              conversation.port())
                          .stream()
                          .anyMatch(endpoint -> endpoint.port() == one.number()))
              .findFirst();
      port.ifPresent(
          inbound -> {
            if (trustDomain().isEmpty()) {
              hops.add(Enforcement.unknown("TLS"));
              hops.add(Enforcement.unknown("policy"));
            } else {
              hops.add(Enforcement.tls(mesh, caller, called, inbound.number()));
              hops.add(
                  Enforcement.policy(mesh, caller, called, inbound.number(), conversation.port()));
            }
          });
      hops.addAll(probes(called));
    }

    private List<Hop> probes(PodView called) {
      return switch (cluster.probes()) {
        case Look.Unseen<List<ProbeOutcome>> _ -> List.of();
        case Look.Seen<List<ProbeOutcome>>(List<ProbeOutcome> all) ->
            all.stream()
                .filter(one -> one.to().namespace().equals(called.namespace()))
                .map(
                    one ->
                        Hop.of(
                            "probe",
                            Status.PASS,
                            "%s from %s: %s".formatted(one.request(), one.from(), one.result())))
                .toList();
      };
    }
  }
}
