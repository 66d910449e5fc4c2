package io.selvage.doctor.check.tls;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.fix.Mends;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.DestinationRule.TlsMode;
import io.selvage.model.DestinationRule.TrafficPolicy;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.model.WorkloadView;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What clients are told to open (DestinationRule) against what servers take. */
public final class ClientSettings {
  /** PeerAuthentication and DestinationRule agree. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2004",
              "clients open the TLS that servers take",
              Set.of(Source.OBJECTS),
              FixClass.CONSENTED,
              "R1"),
          ClientSettings::ask);

  private ClientSettings() {}

  /** One rule against one kind of server. */
  private record Conflict(DestinationRule rule, TlsMode client, String server) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(
            cluster,
            results,
            Kind.DESTINATION_RULE,
            Kind.PEER_AUTHENTICATION,
            Kind.POD,
            Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(
        mesh, results, Kind.DESTINATION_RULE, Kind.PEER_AUTHENTICATION, Kind.SERVICE_ENTRY);
    List<DestinationRule> rules =
        mesh.snapshot().all(DestinationRule.class).stream().filter(r -> speaks(r)).toList();
    if (rules.isEmpty() && results.isFine()) {
      results.pass("no DestinationRule says how TLS is opened: clients find out by themselves");
      return;
    }
    Map<Conflict, Set<String>> conflicts = new LinkedHashMap<>();
    Set<WorkloadView> clients = clients(mesh);
    for (MeshService service : mesh.services().services()) {
      if (!service.meshExternal()) {
        clients.stream()
            .filter(client -> service.isVisibleTo(client.namespace()))
            .filter(client -> !mesh.isObscure(client.namespace(), Kind.DESTINATION_RULE))
            .flatMap(client -> mesh.snapshot().destinationRuleFor(service.host(), client).stream())
            .distinct()
            .filter(ClientSettings::speaks)
            .forEach(rule -> compare(mesh, rule, service, conflicts));
      }
    }
    conflicts.forEach((conflict, where) -> tell(cluster, conflict, where, results));
    if (results.isFine()) {
      results.pass(
          "%s with TLS settings agree with what the servers take"
              .formatted(Words.count(rules.size(), "DestinationRule")));
    }
  }

  /**
   * Who calls, as far as rules tell clients apart: by namespace, and by labels that they select.
   */
  private static Set<WorkloadView> clients(MeshView mesh) {
    Set<String> telling = new TreeSet<>();
    mesh.snapshot().all(DestinationRule.class).stream()
        .flatMap(rule -> rule.workloadSelector().stream())
        .forEach(selector -> telling.addAll(selector.matchLabels().keySet()));
    Set<WorkloadView> clients = new LinkedHashSet<>();
    for (PodView pod : mesh.inMesh()) {
      Map<String, String> labels = new TreeMap<>(pod.labels());
      labels.keySet().retainAll(telling);
      clients.add(new WorkloadView(pod.namespace(), labels));
    }
    return clients;
  }

  private static boolean speaks(DestinationRule rule) {
    return Stream.concat(
            rule.trafficPolicy().stream(),
            rule.subsets().stream().flatMap(subset -> subset.trafficPolicy().stream()))
        .flatMap(policy -> Stream.concat(Stream.of(policy), policy.portLevel().values().stream()))
        .anyMatch(policy -> policy.tls().isPresent());
  }

  private static void compare(
      MeshView mesh,
      DestinationRule rule,
      MeshService service,
      Map<Conflict, Set<String>> conflicts) {
    for (MeshService.ServicePort port : service.ports()) {
      for (ServiceEndpoint endpoint : mesh.services().endpoints(service.host(), port.number())) {
        settings(rule, port.number(), endpoint)
            .flatMap(tls -> conflict(mesh, rule, tls, endpoint).stream())
            .forEach(
                found ->
                    conflicts
                        .computeIfAbsent(found, _ -> new LinkedHashSet<>())
                        .add(service.host() + ":" + port.number()));
      }
    }
  }

  /** What the rule says for an endpoint, by itself and through subsets. */
  private static Stream<ClientTls> settings(
      DestinationRule rule, int port, ServiceEndpoint endpoint) {
    Stream<TrafficPolicy> general = rule.trafficPolicyFor(port).stream();
    Stream<TrafficPolicy> subsets =
        rule.subsets().stream()
            .filter(subset -> endpoint.hasAll(subset.labels()))
            .flatMap(subset -> rule.trafficPolicyFor(subset, port).stream());
    return Stream.concat(general, subsets).flatMap(policy -> policy.tls().stream()).distinct();
  }

  private static Optional<Conflict> conflict(
      MeshView mesh, DestinationRule rule, ClientTls tls, ServiceEndpoint endpoint) {
    EffectivePeerAuthentication effective =
        mesh.snapshot()
            .effectivePeerAuthentication(
                new WorkloadView(endpoint.namespace(), endpoint.labels()), endpoint.port());
    if (mesh.isObscure(endpoint.namespace(), Kind.PEER_AUTHENTICATION)) {
      return Optional.empty();
    }
    List<PodView> there =
        mesh.pods().stream().filter(pod -> pod.address().equals(endpoint.address())).toList();
    if (there.stream().anyMatch(PodView::isGateway)) {
      return Optional.empty(); // its Gateways say what it takes, no PeerAuthentication
    }
    boolean proxied =
        there.isEmpty() ? isMachine(endpoint) : there.stream().anyMatch(PodView::isInMesh);
    boolean identity = tls.mode() == TlsMode.ISTIO_MUTUAL || tls.mode() == TlsMode.MUTUAL;
    if (proxied && effective.mode() == Mode.STRICT && !identity) {
      return Optional.of(new Conflict(rule, tls.mode(), Modes.words(effective)));
    }
    if (tls.mode() == TlsMode.ISTIO_MUTUAL && !proxied) {
      return Optional.of(new Conflict(rule, tls.mode(), "without a proxy"));
    }
    if (tls.mode() == TlsMode.ISTIO_MUTUAL && effective.mode() == Mode.DISABLE) {
      return Optional.of(new Conflict(rule, tls.mode(), Modes.words(effective)));
    }
    return Optional.empty();
  }

  /** Something outside of the cluster with a proxy of its own, as Istio takes WorkloadEntries. */
  private static boolean isMachine(ServiceEndpoint endpoint) {
    String otherwise = endpoint.serviceAccount().isEmpty() ? "" : "istio";
    return endpoint.labels().getOrDefault("security.istio.io/tlsMode", otherwise).equals("istio");
  }

  private static void tell(
      ClusterEvidence cluster, Conflict conflict, Set<String> where, Results results) {
    var meta = conflict.rule().meta();
    ObjectRef ref = new ObjectRef("DestinationRule", meta.namespace(), meta.name());
    var said =
        results
            .fail(
                "%s opens tls.mode %s to %s, where the server is %s"
                    .formatted(ref, conflict.client(), Words.some(where), conflict.server()))
            .about(ref)
            .cause(
                "an explicit tls setting takes the place of what clients find out by themselves"
                    + " (auto mTLS)")
            .effect(
                conflict.client() == TlsMode.ISTIO_MUTUAL
                    ? "calls fail: 503 UF, WRONG_VERSION_NUMBER in the client's access log"
                    : "calls fail: the connection is reset (503 UC, UF)")
            .next(
                "kubectl -n %s edit destinationrule %s: take tls out, or set ISTIO_MUTUAL where the"
                        .formatted(meta.namespace(), meta.name())
                    + " server has a proxy");
    Optional<ApiObject> object =
        cluster.objects().find(Kind.DESTINATION_RULE, meta.namespace(), meta.name());
    object
        .filter(
            one ->
                one.text("/spec/trafficPolicy/tls/mode").equals(conflict.client().name())
                    && conflict.client() != TlsMode.ISTIO_MUTUAL)
        .ifPresent(one -> said.fix(Mends.mutual(one)));
    object
        .flatMap(Written::of)
        .ifPresent(written -> said.since(written.at()).seen("written " + written, "GET " + ref));
  }
}
