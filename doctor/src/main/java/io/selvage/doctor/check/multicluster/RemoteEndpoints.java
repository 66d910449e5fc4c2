package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.Dump;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.model.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Whether proxies of one cluster know the endpoints of another: for a Service that both have, its
 * Pods' addresses, or the gateway's where the two are on different networks.
 */
public final class RemoteEndpoints {
  /** They know them. */
  public static final Check CHECK =
      new Check.OfMesh(
          CheckInfo.of(
              "SLV8004",
              "proxies know the endpoints of other clusters",
              Set.of(Source.CONFIG, Source.OBJECTS),
              FixClass.EXPLAINED,
              "R11"),
          RemoteEndpoints::ask);

  private RemoteEndpoints() {}

  private static void ask(Evidence evidence, Results results) {
    List<ClusterEvidence> clusters = Clusters.of(evidence, results);
    int compared = 0;
    for (Clusters.Pair pair : Clusters.directions(clusters)) {
      if (!Need.kinds(pair.other(), results, Kind.POD, Kind.SERVICE)
          || !Need.settings(pair.one(), results)) {
        return;
      }
      compared += compare(pair, results);
    }
    if (clusters.isEmpty() || !results.isFine()) {
      return;
    }
    boolean dumped =
        clusters.stream()
            .flatMap(cluster -> cluster.proxies().found().stream().flatMap(List::stream))
            .flatMap(proxy -> Dump.of(proxy).stream())
            .anyMatch(dump -> dump.endpoints().isPresent());
    if (compared > 0) {
      results.pass("%s of other clusters are known".formatted(Words.count(compared, "Service")));
    } else if (dumped) {
      results.skip("no Service of a workload in the mesh is in two clusters");
    } else {
      results.unknown("no proxy showed its endpoints (/config_dump?include_eds)");
    }
  }

  /** Returns how many Services of the other cluster could be looked for. */
  private static int compare(Clusters.Pair pair, Results results) {
    List<Dump> dumps =
        pair.one().proxies().found().stream()
            .flatMap(List::stream)
            .flatMap(proxy -> Dump.of(proxy).stream())
            .filter(dump -> dump.endpoints().isPresent())
            .toList();
    if (dumps.isEmpty()) {
      return 0;
    }
    MeshView here = MeshView.of(pair.one());
    MeshView there = MeshView.of(pair.other());
    Set<String> gateways = gateways(pair.other());
    boolean apart = !Clusters.network(pair.one()).equals(Clusters.network(pair.other()));
    List<String> lost = new ArrayList<>();
    int looked = 0;
    for (Service service : there.snapshot().all(Service.class)) {
      Optional<Service> own =
          here.snapshot().find(Service.class, service.meta().namespace(), service.meta().name());
      Set<String> addresses =
          apart ? gateways : new TreeSet<>(ready(there, service).map(PodView::address).toList());
      boolean alive = ready(there, service).findAny().isPresent();
      if (own.isEmpty() || !alive || hasNone(here, own.get())) {
        continue;
      }
      looked++;
      boolean known =
          dumps.stream()
              .flatMap(dump -> addresses(dump, service.host()))
              .anyMatch(addresses::contains);
      if (!known) {
        lost.add(service.meta().qualifiedName());
      }
    }
    if (!lost.isEmpty()) {
      tell(pair, lost, apart, results);
    }
    return looked;
  }

  /**
   * Whether proxies have no endpoints of it in other clusters, or none at all: as it is dialled.
   */
  private static boolean hasNone(MeshView mesh, Service service) {
    return service.isHeadless()
        || service.nodeLocal()
        || mesh.settings().isClusterLocal(service.host());
  }

  private static Stream<PodView> ready(MeshView mesh, Service service) {
    return mesh.inMesh().stream()
        .filter(pod -> !pod.isGateway()) // a network's own gateway is nobody's endpoint elsewhere
        .filter(pod -> pod.namespace().equals(service.meta().namespace()))
        .filter(pod -> service.selects(pod.labels()) && !pod.address().isEmpty());
  }

  private static Stream<String> addresses(Dump dump, String host) {
    return dump.endpoints().stream()
        .flatMap(List::stream)
        .filter(one -> one.path("cluster_name").asString("").endsWith("|" + host))
        .flatMap(one -> one.path("endpoints").valueStream())
        .flatMap(locality -> locality.path("lb_endpoints").valueStream())
        .map(one -> one.at("/endpoint/address/socket_address/address").asString(""));
  }

  /** Addresses of Services whose Pods are gateways. */
  private static Set<String> gateways(ClusterEvidence cluster) {
    Set<String> found = new TreeSet<>();
    MeshView mesh = MeshView.of(cluster);
    for (ApiObject service : cluster.objects().all(Kind.SERVICE)) {
      Optional<Service> read =
          mesh.snapshot().find(Service.class, service.namespace(), service.name());
      boolean gateway =
          mesh.pods().stream()
              .filter(PodView::isGateway)
              .filter(pod -> pod.namespace().equals(service.namespace()))
              .anyMatch(pod -> read.map(one -> one.selects(pod.labels())).orElse(false));
      if (gateway) {
        for (JsonNode address : service.at("/status/loadBalancer/ingress")) {
          found.add(address.path("ip").asString(""));
          found.add(address.path("hostname").asString(""));
        }
        service.at("/spec/externalIPs").forEach(one -> found.add(one.asString("")));
      }
    }
    found.remove("");
    return found;
  }

  private static void tell(Clusters.Pair pair, List<String> lost, boolean apart, Results results) {
    var said =
        results
            .fail(
                "proxies of %s know no endpoint in %s of %s"
                    .formatted(pair.one().context(), pair.other().context(), Words.some(lost)))
            .in(pair.one().context())
            .seen("endpoints of outbound clusters", "/config_dump?include_eds of its proxies")
            .cause(
                apart
                    ? "the control plane does not read that cluster, or knows no gateway of its"
                        + " network"
                    : "the control plane does not read that cluster (SLV8002), or its Pods are not"
                        + " reached on one network")
            .effect("calls stay in their own cluster, and fail where nobody answers there")
            .next("selvage doctor --only SLV8002,SLV8003");
    lost.forEach(
        name ->
            said.about(
                new ObjectRef(
                    "Service",
                    name.substring(0, name.indexOf('/')),
                    name.substring(name.indexOf('/') + 1))));
  }
}
