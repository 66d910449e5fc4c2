package io.selvage.doctor.check.tls;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.Occurrences;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Handshakes that callers of the control plane ended because they do not trust its certificate: by
 * who calls, and whether it goes on. A few around a restart or a rotation are what those leave
 * behind.
 */
public final class BadCertificate {
  /** Nobody goes on refusing the control plane's certificate. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2011",
              "no caller goes on ending handshakes with \"bad certificate\"",
              Set.of(Source.LOGS),
              FixClass.EXPLAINED,
              "R4"),
          BadCertificate::ask);

  private BadCertificate() {}

  /** Who ended a handshake. */
  private enum Caller {
    API_SERVER,
    POD,
    OTHER
  }

  private record From(Caller caller, String name) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour.Kind> kind = cluster.flavour().found().map(Flavour::kind);
    if (kind.filter(Flavour.Kind.ASM_MANAGED::equals).isPresent()) {
      results.skip("Google runs this control plane: it has no log here");
      return;
    }
    if (kind.filter(Flavour.Kind.LOCAL::equals).isPresent()) {
      results.skip("a mesh on one machine has no webhooks whose callers end handshakes");
      return;
    }
    Optional<List<LogLine>> lines = Need.of(cluster.logs(), "the control plane's logs", results);
    if (lines.isEmpty()) {
      return;
    }
    Map<From, List<LogSignature.Match>> by = new LinkedHashMap<>();
    LogSignature.find(LogSignature.BAD_CERTIFICATE, lines.get())
        .forEach(
            match ->
                by.computeIfAbsent(from(cluster, match.part("peer")), _ -> new ArrayList<>())
                    .add(match));
    Duration window = Duration.between(cluster.since(), cluster.taken());
    List<String> passing = new ArrayList<>();
    by.forEach(
        (from, matches) -> {
          var all =
              new Occurrences(matches.stream().map(LogSignature.Match::line).toList(), window);
          if (all.isPersistent(cluster.taken())) {
            tell(from, all, matches.getLast(), results);
          } else {
            passing.add(from.name() + " " + all);
          }
        });
    if (results.isFine()) {
      results.pass(
          passing.isEmpty()
              ? "no handshake with the control plane ended so"
              : "only in passing, as around a restart: " + String.join("; ", passing));
    }
  }

  private static void tell(From from, Occurrences all, LogSignature.Match last, Results results) {
    var said =
        results
            .fail("%s ended handshakes with the control plane: %s".formatted(from.name(), all))
            .seen(last.line().text().strip(), "log of %s".formatted(last.line().pod()))
            .by(Confidence.INFERRED_FROM_LOGS);
    all.first().ifPresent(said::since);
    switch (from.caller()) {
      case API_SERVER ->
          said.cause("the caBundle of a webhook does not lead to the certificate that is served")
              .effect("webhooks fail: Pods are refused, or start without a proxy")
              .next("selvage doctor --only SLV3002,SLV3003");
      case POD ->
          said.cause(
                  "its proxy trusts another root: its namespace's istio-ca-root-cert is old, or the"
                      + " Pod is older than a rotation")
              .effect("it gets no new certificate and no new configuration")
              .next("selvage doctor --only SLV1004,SLV1005; then make the Pod anew");
      case OTHER ->
          said.cause("a caller that is no Pod of this cluster trusts another root")
              .effect("whatever it is, it does not get what it asks for")
              .next(
                  "find who has that address: an API server outside of the cluster (SLV3002), another cluster's"
                      + " proxies (SLV8001), a VM, a scanner");
    }
  }

  private static From from(ClusterEvidence cluster, String address) {
    if (isApiServer(cluster, address)) {
      return new From(Caller.API_SERVER, "the API server (" + address + ")");
    }
    return MeshView.of(cluster).pods().stream()
        .filter(pod -> pod.address().equals(address) && !pod.usesHostNetwork())
        .findFirst()
        .map(PodView::qualified)
        .map(name -> new From(Caller.POD, "Pod " + name + " (" + address + ")"))
        .orElseGet(() -> new From(Caller.OTHER, address.isEmpty() ? "somebody" : address));
  }

  /**
   * By the endpoints of the Service {@code kubernetes}, its Pods, or the nodes that they are on.
   */
  private static boolean isApiServer(ClusterEvidence cluster, String address) {
    Stream<String> endpoints =
        cluster.objects().all(Kind.ENDPOINT_SLICE).stream()
            .filter(slice -> slice.namespace().equals("default"))
            .filter(slice -> "kubernetes".equals(slice.labels().get("kubernetes.io/service-name")))
            .flatMap(slice -> slice.at("/endpoints").valueStream())
            .flatMap(endpoint -> endpoint.path("addresses").valueStream())
            .map(one -> one.asString(""));
    Stream<String> controlPlaneNodes =
        cluster.objects().all(Kind.NODE).stream()
            .filter(node -> node.labels().containsKey("node-role.kubernetes.io/control-plane"))
            .flatMap(BadCertificate::addresses);
    Stream<String> pods =
        cluster.objects().all(Kind.POD).stream()
            .filter(pod -> "kube-apiserver".equals(pod.labels().get("component")))
            .map(pod -> pod.text("/status/podIP"));
    // what a node itself sends to its Pods comes from its end of their network, the first address
    Stream<String> bridges =
        cluster.objects().all(Kind.NODE).stream()
            .map(node -> node.text("/spec/podCIDR").replaceFirst("\\.0/[0-9]+$", ".1"))
            .filter(one -> one.endsWith(".1"));
    return Stream.of(endpoints, controlPlaneNodes, pods, bridges)
        .flatMap(all -> all)
        .anyMatch(one -> !one.isEmpty() && one.equals(address));
  }

  private static Stream<String> addresses(ApiObject node) {
    return node.at("/status/addresses").valueStream().map(one -> one.path("address").asString(""));
  }
}
