package io.selvage.doctor;

import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * One workload of a fixture: a Deployment with one Pod and its sidecar.
 *
 * @param callers who is allowed: {@code namespace/serviceaccount}
 * @param methods that they may use; empty for all
 */
record FixtureWorkload(
    String namespace, String app, String ip, List<String> callers, List<String> methods) {

  String pod() {
    return app + "-5d4f8c7b9-x2x2x";
  }

  String host() {
    return app + "." + namespace + ".svc.cluster.local";
  }

  private String port() {
    return switch (app) {
      case "httpbin" -> "8000";
      case "web" -> "8080";
      default -> "80";
    };
  }

  /** {@code more} and what is this workload's own. */
  Map<String, String> names(Map<String, String> more) {
    var names = new HashMap<>(more);
    names.putAll(Map.of("app", app, "ns", namespace, "ip", ip, "pod", pod()));
    return names;
  }

  /** The chain that its proxy serves, PEM, the leaf first. */
  List<String> served(FixtureAuthority authority) {
    try {
      return Pem.certificates(authority.chain(namespace, app)).stream().map(Pem::of).toList();
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its proxy, synced and with all that a healthy one has. */
  ProxyView proxy(
      FixtureAuthority authority, Map<String, String> plane, List<FixtureWorkload> all) {
    var names = names(plane);
    names.put("chain", FixtureAuthority.base64(authority.chain(namespace, app)));
    names.put("root", authority.rootBase64());
    names.put("rule", rule());
    names.put("tls", FixtureFiles.text("inbound-tls.json"));
    for (int i = 0; i < all.size(); i++) {
      names.put("outbound" + (i + 1), all.get(i).outbound().toString());
    }
    return new ProxyView(
        namespace,
        pod(),
        Look.seen(FixtureFiles.json("proxy.json", names)),
        Look.seen(certificates()),
        Look.seen(sync(plane.getOrDefault("version", ""))),
        Look.seen(
            List.of(
                Fixtures.stat(pod(), "server.live", 1),
                Fixtures.stat(pod(), "control_plane.connected_state", 1),
                Fixtures.stat(pod(), "cluster_manager.cds.update_rejected", 0),
                Fixtures.stat(pod(), "listener_manager.lds.update_rejected", 0))));
  }

  private ObjectNode outbound() {
    return FixtureFiles.json(
        "outbound.json", Map.of("port", port(), "host", host(), "ns", namespace, "app", app));
  }

  private String rule() {
    String principals =
        callers.stream()
            .map(
                caller ->
                    """
                    {"authenticated":{"principal_name":{"exact":"spiffe://cluster.local/ns/%s/sa/%s"}}}\
                    """
                        .formatted((Object[]) caller.split("/", -1)))
            .collect(Collectors.joining(","));
    String permissions =
        methods.isEmpty()
            ? "{\"any\":true}"
            : methods.stream()
                .map(
                    method ->
                        """
                        {"header":{"name":":method","string_match":{"exact":"%s"}}}\
                        """
                            .formatted(method))
                .collect(
                    Collectors.joining(
                        ",", "{\"and_rules\":{\"rules\":[{\"or_rules\":{\"rules\":[", "]}}]}}"));
    return """
    {"permissions":[%s],"principals":[{"and_ids":{"ids":[{"or_ids":{"ids":[%s]}}]}}]}\
    """
        .formatted(permissions, principals);
  }

  private ObjectNode certificates() {
    var json = Fixtures.json("{}");
    var entry = json.withArray("certificates").addObject();
    entry
        .withArray("ca_cert")
        .addObject()
        .put("path", "<inline>")
        .put("days_until_expiration", "3620")
        .put("valid_from", Fixtures.NOW.minus(Duration.ofDays(30)).toString())
        .put("expiration_time", Fixtures.NOW.plus(Duration.ofDays(3620)).toString());
    entry
        .withArray("cert_chain")
        .addObject()
        .put("path", "<inline>")
        .put("days_until_expiration", "0")
        .put("valid_from", Fixtures.NOW.minus(Duration.ofHours(4)).toString())
        .put("expiration_time", Fixtures.NOW.plus(Duration.ofHours(20)).toString())
        .withArray("subject_alt_names")
        .addObject()
        .put("uri", "spiffe://cluster.local/ns/" + namespace + "/sa/" + app);
    return json;
  }

  private ObjectNode sync(String version) {
    var json =
        Fixtures.json("{}")
            .put("cluster_id", "Kubernetes")
            .put("proxy", pod() + "." + namespace)
            .put("proxy_type", "sidecar")
            .put("istio_version", version);
    for (String type : List.of("cluster", "listener", "route", "endpoint")) {
      json.put(type + "_sent", type + "-nonce-7").put(type + "_acked", type + "-nonce-7");
    }
    return json;
  }
}
