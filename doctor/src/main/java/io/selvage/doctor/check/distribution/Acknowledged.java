package io.selvage.doctor.check.distribution;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.view.Dump;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What the control plane sent against what proxies took ({@code /debug/syncz}), and what they
 * refused in their own words ({@code error_state} of a dump, NACKs in the control plane's log).
 */
public final class Acknowledged {
  /** Every proxy took the newest configuration. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV7001",
              "every proxy has taken the newest configuration",
              Set.of(Source.CONFIG, Source.LOGS),
              FixClass.SAFE,
              "R6"),
          Acknowledged::ask);

  private static final List<String> TYPES = List.of("cluster", "listener", "route", "endpoint");

  /** With what protobuf begins its debug texts, so that nobody parses them. */
  private static final String MARK = "goo\\.gle/debug\\w*";

  /** A push that is younger may still be under way. */
  private static final Duration UNDER_WAY = Duration.ofSeconds(30);

  private Acknowledged() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<List<ProxyView>> proxies =
        Need.of(cluster.proxies(), "what proxies were sent", results);
    if (proxies.isEmpty()) {
      return;
    }
    if (proxies.get().isEmpty()) {
      results.skip("no proxy is here");
      return;
    }
    int synced = 0;
    Look<JsonNode> unseen = Look.unseen("");
    Map<String, Set<String>> stale = new TreeMap<>();
    for (ProxyView proxy : proxies.get()) {
      if (proxy.sync() instanceof Look.Seen<JsonNode>(JsonNode sync)) {
        synced++;
        stale(cluster, sync)
            .forEach(
                type ->
                    stale
                        .computeIfAbsent(type, _ -> new TreeSet<>())
                        .add(proxy.namespace() + "/" + proxy.name()));
      } else {
        unseen = proxy.sync();
      }
      Map<String, String> refused = refusals(cluster, proxy);
      if (!refused.isEmpty()) {
        refused(cluster, proxy, refused, results);
        stale.values().forEach(names -> names.remove(proxy.namespace() + "/" + proxy.name()));
      }
    }
    stale.forEach((type, names) -> stale(type, names, results));
    if (synced == 0 && results.isFine()) {
      Need.of(unseen, "what proxies took", results);
    } else if (results.isFine()) {
      results.pass("%s have taken all that was sent".formatted(count(synced)));
    }
  }

  /** The types whose newest version is not taken, as far as that is not just under way. */
  private static List<String> stale(ClusterEvidence cluster, JsonNode sync) {
    List<String> found = new ArrayList<>();
    for (String type : TYPES) {
      String sent = sync.path(type + "_sent").asString("");
      boolean behind = !sent.isEmpty() && !sent.equals(sync.path(type + "_acked").asString(""));
      if (behind && !isUnderWay(cluster, sync, sent)) {
        found.add(type);
      }
    }
    return found;
  }

  /** Istio 1.27 and later say when they sent what. */
  private static boolean isUnderWay(ClusterEvidence cluster, JsonNode sync, String sent) {
    return sync.path("resources")
        .valueStream()
        .filter(one -> one.path("sent").asString("").equals(sent))
        .flatMap(one -> Written.instant(one.path("sentTime").asString("")).stream())
        .anyMatch(at -> at.plus(UNDER_WAY).isAfter(cluster.taken()));
  }

  /** What a proxy refused, by type or resource. */
  private static Map<String, String> refusals(ClusterEvidence cluster, ProxyView proxy) {
    Map<String, String> all = new TreeMap<>();
    Dump.of(proxy).ifPresent(dump -> all.putAll(dump.refusals()));
    proxy
        .sync()
        .found()
        .ifPresent(
            sync ->
                sync.path("resources")
                    .properties()
                    .forEach(
                        one -> {
                          String error = one.getValue().path("lastError").asString("");
                          if (!error.isEmpty()) {
                            all.put(
                                one.getKey().substring(one.getKey().lastIndexOf('.') + 1), error);
                          }
                        }));
    if (all.isEmpty()
        && proxy.sync().found().map(sync -> !stale(cluster, sync).isEmpty()).orElse(false)) {
      nack(cluster, proxy).ifPresent(text -> all.put("log", text));
    }
    return all;
  }

  /** The control plane's last word on a refusal of this proxy. */
  private static Optional<String> nack(ClusterEvidence cluster, ProxyView proxy) {
    return LogSignature.find(
            LogSignature.CONFIGURATION_REFUSED, cluster.logs().found().orElse(List.of()))
        .stream()
        .filter(match -> match.part("proxy").equals(proxy.name() + "." + proxy.namespace()))
        .reduce((_, last) -> last)
        .map(match -> match.line().text().strip());
  }

  private static void refused(
      ClusterEvidence cluster, ProxyView proxy, Map<String, String> refused, Results results) {
    var first = refused.entrySet().iterator().next();
    String name = proxy.namespace() + "/" + proxy.name();
    var said =
        results
            .fail(
                "%s refused %s: %s"
                    .formatted(
                        name,
                        first.getKey().equals("log") ? "configuration" : first.getKey(),
                        shortened(first.getValue())))
            .about(new ObjectRef("Pod", proxy.namespace(), proxy.name()))
            .cause("the proxy does not understand it, or finds it wrong; its own words are above")
            .effect(
                "it goes on with the last configuration that it took: newer policy is not enforced")
            .next(
                "mend the resource that the words name; a proxy that is older than its control"
                    + " plane may not know a field (SLV0006)");
    refused.forEach((where, text) -> said.seen(where + ": " + text, source(where, name)));
    since(proxy).ifPresent(said::since);
    restart(cluster, proxy, name).ifPresent(said::fix);
  }

  private static String source(String where, String proxy) {
    return where.equals("log") ? "the control plane's log" : "/config_dump of " + proxy;
  }

  private static Optional<Instant> since(ProxyView proxy) {
    return Dump.of(proxy).stream()
        .flatMap(dump -> dump.json().path("configs").valueStream())
        .flatMap(
            config -> config.properties().stream().flatMap(field -> field.getValue().valueStream()))
        .flatMap(
            one ->
                Written.instant(one.at("/error_state/last_update_attempt").asString("")).stream())
        .min(Instant::compareTo);
  }

  private static Optional<Fix> restart(ClusterEvidence cluster, ProxyView proxy, String name) {
    return MeshView.of(cluster)
        .pod(proxy.namespace(), proxy.name())
        .flatMap(pod -> Owners.workload(cluster.objects(), pod.pod()))
        .map(workload -> new Fix.Restart("make the Pods of %s anew".formatted(name), workload));
  }

  private static void stale(String type, Set<String> names, Results results) {
    if (names.isEmpty()) {
      return;
    }
    var said =
        results
            .fail(
                "%s of %s are STALE: %s"
                    .formatted(type + " resources", count(names.size()), Words.some(names)))
            .seen(type + "_sent is not " + type + "_acked", "/debug/syncz")
            .cause("the proxy is busy, hangs, or cannot be reached any more")
            .effect("changes of policy do not arrive there")
            .next("kubectl -n NAMESPACE logs POD -c istio-proxy; then make the Pod anew");
    names.forEach(
        name ->
            said.about(
                new ObjectRef(
                    "Pod",
                    name.substring(0, name.indexOf('/')),
                    name.substring(name.indexOf('/') + 1))));
  }

  private static String count(int proxies) {
    return proxies == 1 ? "1 proxy" : proxies + " proxies";
  }

  private static String shortened(String text) {
    String line =
        Stream.of(text.split("\\R", -1))
            .map(one -> one.replaceFirst(MARK, "").strip())
            .filter(one -> !one.isEmpty())
            .findFirst()
            .orElse("");
    return line.length() > 160 ? line.substring(0, 160) + "…" : line;
  }
}
