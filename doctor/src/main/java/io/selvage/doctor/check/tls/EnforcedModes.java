package io.selvage.doctor.check.tls;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.Dump;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What PeerAuthentication says against the filter chains that the proxy has. */
public final class EnforcedModes {
  /** Policy in the cluster is what the proxy does. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2005",
              "proxies take plaintext and TLS as PeerAuthentication says",
              Set.of(Source.OBJECTS, Source.CONFIG),
              FixClass.EXPLAINED,
              "R1"),
          EnforcedModes::ask);

  /** A change that is younger may still be under way. */
  private static final Duration UNDER_WAY = Duration.ofSeconds(15);

  private EnforcedModes() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.PEER_AUTHENTICATION, Kind.POD, Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    Optional<List<ProxyView>> proxies =
        Need.of(cluster.proxies(), "the proxies' configuration", results);
    if (proxies.isEmpty()) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.PEER_AUTHENTICATION);
    int ports = 0;
    int asked = 0;
    int all = 0;
    int unseen = 0;
    for (ProxyView proxy : proxies.get()) {
      Optional<PodView> pod = mesh.pod(proxy.namespace(), proxy.name()).filter(PodView::hasSidecar);
      all += pod.isPresent() ? 1 : 0;
      asked += pod.isPresent() && !Dump.isNotAsked(proxy) ? 1 : 0;
      if (pod.isEmpty()
          || Dump.isNotAsked(proxy)
          || hasOwnListeners(cluster, pod.get())
          || mesh.isObscure(pod.get().namespace(), Kind.PEER_AUTHENTICATION)) {
        continue;
      }
      Optional<Dump> dump = Dump.of(proxy).filter(Dump::hasInbound);
      unseen += dump.isEmpty() ? 1 : 0;
      if (dump.isPresent()) {
        for (InboundPort port : mesh.ports(pod.get())) {
          ports++;
          compare(cluster, pod.get(), port.number(), dump.get(), results);
        }
      }
    }
    if (unseen > 0) {
      results.unknown(
          "what is taken in was not shown by the proxies of " + Words.count(unseen, "Pod"));
    } else if (results.isFine()) {
      results.pass(
          "as PeerAuthentication says at %s of %s"
              .formatted(Words.count(ports, "port"), Dump.share(asked, all)));
    }
  }

  /** A Sidecar resource with its own ingress says itself what is taken. */
  private static boolean hasOwnListeners(ClusterEvidence cluster, PodView pod) {
    return cluster.objects().all(Kind.SIDECAR).stream()
        .filter(sidecar -> sidecar.namespace().equals(pod.namespace()))
        .anyMatch(sidecar -> !sidecar.at("/spec/ingress").isEmpty());
  }

  private static void compare(
      ClusterEvidence cluster, PodView pod, int port, Dump dump, Results results) {
    EffectivePeerAuthentication effective =
        MeshView.of(cluster).snapshotFor(pod).effectivePeerAuthentication(pod.view(), port);
    List<Dump.Chain> chains = dump.chains(port);
    boolean plaintext = chains.stream().anyMatch(Dump.Chain::takesPlaintext);
    boolean mutual = chains.stream().anyMatch(Dump.Chain::demandsCertificate);
    boolean wantsPlaintext = effective.mode() != Mode.STRICT;
    boolean wantsMutual = effective.mode() != Mode.DISABLE;
    if (plaintext == wantsPlaintext && mutual == wantsMutual) {
      return;
    }
    String takes =
        plaintext
            ? mutual ? "plaintext and mTLS" : "only plaintext"
            : mutual ? "only mTLS" : "neither";
    String where = pod.qualified() + ":" + port;
    Optional<ApiObject> object =
        effective
            .decidedBy()
            .flatMap(
                by ->
                    cluster
                        .objects()
                        .find(Kind.PEER_AUTHENTICATION, by.meta().namespace(), by.meta().name()));
    Optional<Instant> written = object.flatMap(Written::of).map(Written::at);
    if (written.filter(at -> at.plus(UNDER_WAY).isAfter(cluster.taken())).isPresent()) {
      results.unknown(
          "%s takes %s, and %s was written a moment ago: look again"
              .formatted(where, takes, Modes.words(effective)));
      return;
    }
    var said =
        results
            .fail(
                "%s is %s, but its proxy takes %s".formatted(where, Modes.words(effective), takes))
            .about(pod.ref())
            .seen(
                "filter chains for port %d: %s"
                    .formatted(port, chains.stream().map(Dump.Chain::name).toList()),
                "/config_dump of " + pod.qualified())
            .cause("the proxy did not take the newest configuration, or never got it (SLV7001)")
            .effect(
                plaintext && !wantsPlaintext
                    ? "plaintext is accepted although only mTLS is meant to be"
                    : "calls fail that are meant to be accepted")
            .next("selvage doctor --only SLV7001,SLV7002");
    effective.decidedBy().ifPresent(by -> said.about(Modes.ref(by)));
    written.ifPresent(said::since);
  }
}
