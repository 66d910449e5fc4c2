package io.selvage.doctor.check.distribution;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.view.Dump;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Written;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The stream by which a proxy gets its configuration: to whom it goes, and whether it is there. */
public final class Channel {
  /** Every proxy has its stream, to a control plane that exists. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV7002",
              "every proxy has a stream to a control plane that exists",
              Set.of(Source.CONFIG, Source.OBJECTS, Source.LOGS),
              FixClass.SAFE,
              "R4"),
          Channel::ask);

  private static final Duration STARTING = Duration.ofMinutes(1);

  private Channel() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.POD, Kind.SERVICE)) {
      return;
    }
    Optional<List<ProxyView>> proxies = Need.of(cluster.proxies(), "proxies", results);
    if (proxies.isEmpty()) {
      return;
    }
    if (proxies.get().isEmpty()) {
      results.skip("no proxy is here");
      return;
    }
    int connected = 0;
    Look<JsonNode> unseen = Look.unseen("");
    for (ProxyView proxy : proxies.get()) {
      Optional<PodView> pod = MeshView.of(cluster).pod(proxy.namespace(), proxy.name());
      Optional<String> dials = pod.flatMap(one -> dials(proxy, one));
      Optional<String> missing = dials.filter(address -> isMissing(cluster, address));
      boolean cut = connectedState(proxy).filter(state -> state == 0).isPresent();
      boolean unknown = isUnknown(proxy) && pod.map(p -> isSettled(cluster, p)).orElse(false);
      if (missing.isPresent() || cut || unknown) {
        tell(cluster, proxy, dials, missing.isPresent(), unknown, results);
      } else if (proxy.sync() instanceof Look.Seen<JsonNode> || connectedState(proxy).isPresent()) {
        connected++;
      } else {
        unseen = proxy.sync();
      }
    }
    if (connected == 0 && results.isFine()) {
      Need.of(unseen, "which proxies the control plane knows", results);
    } else if (results.isFine()) {
      results.pass("%d of %d proxies have a stream".formatted(connected, proxies.get().size()));
    }
  }

  /** {@code host:port}, as the proxy was started with it. */
  private static Optional<String> dials(ProxyView proxy, PodView pod) {
    return Dump.of(proxy)
        .map(
            dump ->
                dump.bootstrap().at("/node/metadata/PROXY_CONFIG/discoveryAddress").asString(""))
        .filter(address -> !address.isEmpty())
        .or(
            () ->
                pod.containers()
                    .flatMap(container -> container.path("env").valueStream())
                    .filter(one -> one.path("name").asString("").equals("CA_ADDR"))
                    .map(one -> one.path("value").asString(""))
                    .filter(address -> !address.isEmpty())
                    .findFirst());
  }

  /** A Service of this cluster that is not there; other hosts are not ours to judge. */
  private static boolean isMissing(ClusterEvidence cluster, String address) {
    String host = address.replaceFirst(":\\d+$", "");
    String[] parts = host.split("\\.", -1);
    boolean isService = parts.length >= 3 && parts[2].equals("svc");
    return isService && cluster.objects().find(Kind.SERVICE, parts[1], parts[0]).isEmpty();
  }

  private static Optional<Double> connectedState(ProxyView proxy) {
    return proxy.stats().found().stream()
        .flatMap(List::stream)
        .filter(one -> one.name().replace('.', '_').endsWith("control_plane_connected_state"))
        .map(one -> one.value())
        .findFirst();
  }

  private static boolean isUnknown(ProxyView proxy) {
    return proxy.sync() instanceof Look.Unseen<JsonNode>(String why, Optional<String> missing)
        && missing.isEmpty()
        && why.startsWith("no control plane knows");
  }

  /** It runs, and not only since a moment ago. */
  private static boolean isSettled(ClusterEvidence cluster, PodView pod) {
    return pod.pod().text("/status/phase").equals("Running")
        && Written.instant(pod.pod().text("/status/startTime"))
            .map(start -> start.plus(STARTING).isBefore(cluster.taken()))
            .orElse(true);
  }

  private static void tell(
      ClusterEvidence cluster,
      ProxyView proxy,
      Optional<String> dials,
      boolean missing,
      boolean unknown,
      Results results) {
    String name = proxy.namespace() + "/" + proxy.name();
    String address = dials.orElse("its control plane");
    var said =
        results
            .fail(
                missing
                    ? "%s dials %s, and there is no such Service".formatted(name, address)
                    : unknown
                        ? "no control plane knows the proxy of %s, which dials %s"
                            .formatted(name, address)
                        : "%s has no stream to %s".formatted(name, address))
            .about(new ObjectRef("Pod", proxy.namespace(), proxy.name()))
            .seen("discoveryAddress " + address, "/config_dump of " + name)
            .effect("it goes on with old configuration: changes of policy do not arrive");
    Optional<LogLine> line =
        LogSignature.find(LogSignature.STREAM_LOST, cluster.proxyLogs().found().orElse(List.of()))
            .stream()
            .map(LogSignature.Match::line)
            .filter(
                one -> one.namespace().equals(proxy.namespace()) && one.pod().equals(proxy.name()))
            .reduce((_, last) -> last);
    line.ifPresent(
        one -> said.seen(one.text().strip(), "log of " + name).by(Confidence.INFERRED_FROM_LOGS));
    String words = line.map(LogLine::text).orElse("");
    if (missing) {
      said.cause(
              "it was injected by a revision that is gone, or its proxy.istio.io/config is wrong")
          .next("make the Pod anew, so that a revision that is there injects it");
      MeshView.of(cluster)
          .pod(proxy.namespace(), proxy.name())
          .flatMap(pod -> Owners.workload(cluster.objects(), pod.pod()))
          .ifPresent(
              workload ->
                  said.fix(new Fix.Restart("make the Pods of %s anew".formatted(name), workload)));
    } else if (words.contains("x509") || words.contains("certificate")) {
      said.cause("it does not trust the control plane's certificate, or is not trusted")
          .next("selvage doctor --only SLV1004,SLV1005,SLV5004");
    } else {
      said.cause("the control plane is down, cannot be reached from there, or refuses the proxy")
          .next(
              "selvage doctor --only SLV0005,SLV5004; kubectl -n %s logs %s -c istio-proxy"
                  .formatted(proxy.namespace(), proxy.name()));
    }
  }
}
