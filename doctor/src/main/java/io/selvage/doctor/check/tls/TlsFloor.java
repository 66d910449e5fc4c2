package io.selvage.doctor.check.tls;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.Dump;
import io.selvage.doctor.view.Need;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The oldest TLS and the weakest cipher that is taken: by what Gateways declare, by what proxies
 * have, and by the handshakes that were made.
 */
public final class TlsFloor {
  /** TLS 1.2 or later, with forward secrecy or at least AES. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV2009",
              "TLS 1.2 is the oldest that is taken, without weak ciphers",
              Status.FAIL,
              Set.of(Source.OBJECTS, Source.CONFIG, Source.HANDSHAKE),
              FixClass.PRINTED,
              List.of("R1"),
              Optional.empty()),
          TlsFloor::ask);

  private static final Set<String> OLD =
      Set.of("TLSV1_0", "TLSV1_1", "TLSv1_0", "TLSv1_1", "TLSv1", "TLSv1.1", "SSLv3");
  private static final Pattern WEAK =
      Pattern.compile(
          "(?:^|[_-])(?:NULL|EXPORT|RC4|DES|3DES|DES-CBC3|MD5|anon|ADH|AECDH)(?:[_-]|$)");

  private TlsFloor() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<List<ApiObject>> gateways = Need.all(cluster, Kind.GATEWAY, results);
    gateways.ifPresent(all -> all.forEach(gateway -> declared(gateway, results)));
    cluster.proxies().found().ifPresent(all -> all.forEach(proxy -> configured(proxy, results)));
    cluster
        .handshakes()
        .found()
        .ifPresent(all -> all.forEach(handshake -> made(handshake, results)));
    if (cluster.proxies().found().isEmpty() && cluster.handshakes().found().isEmpty()) {
      Need.of(cluster.proxies(), "the proxies' configuration", results);
    } else if (results.isFine()) {
      results.pass("nothing older than TLS 1.2 and no weak cipher is taken");
    }
  }

  private static void declared(ApiObject gateway, Results results) {
    List<JsonNode> servers = gateway.at("/spec/servers").valueStream().toList();
    for (int i = 0; i < servers.size(); i++) {
      JsonNode server = servers.get(i);
      String minimum = server.at("/tls/minProtocolVersion").asString("");
      List<String> weak =
          server
              .at("/tls/cipherSuites")
              .valueStream()
              .map(suite -> suite.asString(""))
              .filter(suite -> WEAK.matcher(suite).find())
              .toList();
      String port = server.at("/port/number").asString("");
      if (OLD.contains(minimum)) {
        tell(results, "%s takes %s at port %s".formatted(gateway.ref(), minimum, port), gateway)
            .fix(raised(gateway, i));
      }
      if (!weak.isEmpty()) {
        tell(
            results,
            "%s takes %s at port %s".formatted(gateway.ref(), String.join(", ", weak), port),
            gateway);
      }
    }
  }

  private static Fix raised(ApiObject gateway, int server) {
    return new Fix.Command(
        "take TLS 1.2 and later only at %s".formatted(gateway.ref()),
        "kubectl -n %s patch gateways.networking.istio.io %s --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/servers/%d/tls/minProtocolVersion\",\"value\":\"TLSV1_2\"}]'"
            .formatted(gateway.namespace(), gateway.name(), server));
  }

  private static Results.Said tell(Results results, String summary, ApiObject gateway) {
    return results
        .fail(summary)
        .about(gateway.ref())
        .seen("spec.servers[].tls", "GET " + gateway.ref())
        .effect("who sits between can weaken the connection, and read or change it")
        .next(
            "kubectl -n %s edit gateway %s: minProtocolVersion TLSV1_2, and no cipherSuites"
                .formatted(gateway.namespace(), gateway.name()));
  }

  private static void configured(ProxyView proxy, Results results) {
    Dump.of(proxy).stream()
        .flatMap(dump -> dump.listeners().stream())
        .forEach(
            listener -> {
              for (JsonNode chain : listener.path("filter_chains")) {
                JsonNode parameters =
                    chain.at("/transport_socket/typed_config/common_tls_context/tls_params");
                String minimum = parameters.path("tls_minimum_protocol_version").asString("");
                if (OLD.contains(minimum)) {
                  results
                      .fail(
                          "%s/%s takes %s at its listener %s"
                              .formatted(
                                  proxy.namespace(),
                                  proxy.name(),
                                  minimum,
                                  listener.path("name").asString("")))
                      .seen(
                          "tls_minimum_protocol_version: " + minimum,
                          "/config_dump of %s/%s".formatted(proxy.namespace(), proxy.name()))
                      .effect("who sits between can weaken the connection")
                      .next(
                          "find what sets it: a Gateway, an EnvoyFilter,"
                              + " meshMTLS.minProtocolVersion");
                }
              }
            });
  }

  private static void made(Handshake handshake, Results results) {
    handshake
        .outcome()
        .found()
        .filter(served -> OLD.contains(served.protocol()) || WEAK.matcher(served.cipher()).find())
        .ifPresent(
            served ->
                results
                    .fail(
                        "%s/%s:%d agreed to %s with %s"
                            .formatted(
                                handshake.target().namespace(),
                                handshake.target().name(),
                                handshake.target().port(),
                                served.protocol(),
                                served.cipher()))
                    .by(Confidence.PROVED_BY_TRAFFIC)
                    .effect("who sits between can weaken the connection")
                    .next("set TLS 1.2 as the minimum where this is served"));
  }
}
