package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The gateways between networks: declared, running, and with an address for the others. */
public final class EastWest {
  /** Every network has a gateway that the others reach. */
  public static final Check CHECK =
      new Check.OfMesh(
          CheckInfo.of(
              "SLV8003",
              "every network has an east-west gateway that others reach",
              Set.of(Source.OBJECTS, Source.HANDSHAKE),
              FixClass.EXPLAINED,
              "R11"),
          EastWest::ask);

  private static final String PASSTHROUGH = "AUTO_PASSTHROUGH";

  private EastWest() {}

  private static void ask(Evidence evidence, Results results) {
    List<ClusterEvidence> clusters = Clusters.of(evidence, results);
    if (clusters.isEmpty()) {
      return;
    }
    Set<String> networks = new TreeSet<>();
    clusters.forEach(cluster -> networks.add(Clusters.network(cluster)));
    if (networks.size() < 2) {
      results.skip("the clusters are on one network: no gateway is between them");
      return;
    }
    for (ClusterEvidence cluster : clusters) {
      if (Need.kinds(cluster, results, Kind.GATEWAY, Kind.POD, Kind.SERVICE)
          && Need.settings(cluster, results)) {
        gateway(cluster, results);
      }
    }
    if (results.isFine()) {
      results.pass(
          "each of %d networks has one, running and with an address".formatted(networks.size()));
    }
  }

  private static void gateway(ClusterEvidence cluster, Results results) {
    List<ApiObject> gateways =
        cluster.objects().all(Kind.GATEWAY).stream()
            .filter(gateway -> servers(gateway).findAny().isPresent())
            .toList();
    if (gateways.isEmpty()) {
      tell(
          results.fail(
              "%s is on network %s and has no Gateway that passes mTLS on (AUTO_PASSTHROUGH)"
                  .formatted(cluster.context(), named(cluster))),
          cluster,
          "no such Gateway was written",
          "install an east-west gateway: docs/east-west-gateway.md, or Istio's"
              + " gen-eastwest-gateway.sh and expose-services.yaml");
      return;
    }
    for (ApiObject gateway : gateways) {
      Map<String, String> selector = new LinkedHashMap<>();
      gateway
          .at("/spec/selector")
          .properties()
          .forEach(one -> selector.put(one.getKey(), one.getValue().asString("")));
      List<PodView> pods =
          MeshView.of(cluster).pods().stream()
              .filter(pod -> pod.labels().entrySet().containsAll(selector.entrySet()))
              .toList();
      if (pods.stream().noneMatch(EastWest::isReady)) {
        tell(
            results
                .fail(
                    pods.isEmpty()
                        ? "%s selects no Pod: %s".formatted(gateway.ref(), selector)
                        : "no Pod of %s is ready".formatted(gateway.ref()))
                .about(gateway.ref()),
            cluster,
            "the gateway's Pods do not run, or have other labels",
            "kubectl -n %s get pods -l %s"
                .formatted(gateway.namespace(), selector.toString().replaceAll("[{} ]", "")));
      } else if (services(cluster, pods).noneMatch(EastWest::hasAddress)) {
        tell(
            results
                .fail(
                    "the Service of %s has no address that other clusters could dial"
                        .formatted(gateway.ref()))
                .about(gateway.ref()),
            cluster,
            "its load balancer has no address yet, or the Service is a ClusterIP",
            "kubectl -n %s get service: see its events".formatted(pods.getFirst().namespace()));
      } else {
        label(cluster, gateway, services(cluster, pods).toList(), results);
      }
      refused(cluster, gateway, pods, results);
    }
  }

  private static Stream<JsonNode> servers(ApiObject gateway) {
    return gateway
        .at("/spec/servers")
        .valueStream()
        .filter(server -> server.at("/tls/mode").asString("").equals(PASSTHROUGH));
  }

  private static boolean isReady(PodView pod) {
    return pod.pod()
        .at("/status/conditions")
        .valueStream()
        .anyMatch(
            one ->
                one.path("type").asString("").equals("Ready")
                    && one.path("status").asString("").equals("True"));
  }

  /** The Services that lead to these Pods. */
  private static Stream<ApiObject> services(ClusterEvidence cluster, List<PodView> pods) {
    return cluster.objects().all(Kind.SERVICE).stream()
        .filter(
            service ->
                pods.stream()
                    .anyMatch(
                        pod ->
                            service.namespace().equals(pod.namespace()) && selects(service, pod)));
  }

  private static boolean hasAddress(ApiObject service) {
    return !service.at("/status/loadBalancer/ingress").isEmpty()
        || !service.at("/spec/externalIPs").isEmpty()
        || service.text("/spec/type").equals("NodePort");
  }

  /**
   * Others take a Service for the way into a network by its label, unless meshNetworks names it.
   */
  private static void label(
      ClusterEvidence cluster, ApiObject gateway, List<ApiObject> services, Results results) {
    String network = Clusters.network(cluster);
    if (network.isEmpty()) {
      tell(
          results.warn(
              "%s has a gateway for other networks, and its own network has no name"
                  .formatted(cluster.context())),
          cluster,
          "the namespace of the control plane has no label " + Clusters.NETWORK,
          "kubectl --context %s label namespace %s %s=NETWORK"
              .formatted(
                  cluster.context(),
                  cluster.flavour().found().map(Flavour::namespace).orElse("istio-system"),
                  Clusters.NETWORK));
      return;
    }
    boolean named =
        MeshView.of(cluster).settings().networks().networks().containsKey(network)
            || services.stream()
                .anyMatch(service -> network.equals(service.labels().get(Clusters.NETWORK)));
    if (!named) {
      ApiObject service = services.getFirst();
      tell(
          results
              .fail(
                  "%s is not labelled as the way into network %s".formatted(service.ref(), network))
              .about(service.ref())
              .about(gateway.ref()),
          cluster,
          "its label %s is %s"
              .formatted(
                  Clusters.NETWORK, service.labels().getOrDefault(Clusters.NETWORK, "not there")),
          "kubectl --context %s -n %s label service %s --overwrite %s=%s"
              .formatted(
                  cluster.context(),
                  service.namespace(),
                  service.name(),
                  Clusters.NETWORK,
                  network));
    }
  }

  private static boolean selects(ApiObject service, PodView pod) {
    JsonNode selector = service.at("/spec/selector");
    return !selector.isEmpty()
        && selector.properties().stream()
            .allMatch(one -> one.getValue().asString("").equals(pod.labels().get(one.getKey())));
  }

  /** A handshake that was tried and found nobody. */
  private static void refused(
      ClusterEvidence cluster, ApiObject gateway, List<PodView> pods, Results results) {
    Set<String> names = new TreeSet<>(pods.stream().map(PodView::name).toList());
    cluster.handshakes().found().stream()
        .flatMap(List::stream)
        .filter(one -> one.target().purpose() == Handshake.Purpose.GATEWAY)
        .filter(one -> names.contains(one.target().name()))
        .filter(one -> one.target().port() == 15443)
        .forEach(
            one -> {
              if (one.outcome()
                  instanceof Look.Unseen<Handshake.Served>(String why, Optional<String> missing)) {
                if (missing.isEmpty()) {
                  tell(
                      results
                          .fail("%s: port 15443 does not answer: %s".formatted(gateway.ref(), why))
                          .about(gateway.ref()),
                      cluster,
                      "nothing listens there, or a firewall is in the way",
                      "kubectl -n %s logs %s"
                          .formatted(one.target().namespace(), one.target().name()));
                }
              }
            });
  }

  private static String named(ClusterEvidence cluster) {
    String network = Clusters.network(cluster);
    return network.isEmpty() ? "without a name" : network;
  }

  private static void tell(Results.Said said, ClusterEvidence cluster, String cause, String next) {
    said.in(cluster.context())
        .seen("network " + named(cluster), "GET namespace of the control plane")
        .cause(cause)
        .effect("workloads on other networks cannot call into this cluster")
        .next(next);
  }
}
