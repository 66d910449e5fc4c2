package io.selvage.doctor.check;

import static io.selvage.doctor.check.Broken.fails;
import static io.selvage.doctor.check.Broken.passes;
import static io.selvage.doctor.check.Broken.unknown;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import io.selvage.doctor.evidence.ProxyView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class DistributionChecksTest {
  private static final String LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
  private static final String WORDS =
      "Error adding/updating listener(s) virtualInbound: paths must refer to an existing path";

  @TestFactory
  Stream<DynamicTest> whatProxiesTook() {
    return Broken.onBoth(
        fails(
            "a proxy is behind",
            "SLV7001",
            "listener resources of 1 proxy are STALE: sample/httpbin",
            f -> sync(f, json -> json.put("listener_acked", "listener-nonce-6"))),
        fails(
            "a proxy refused, and the control plane knows",
            "SLV7001",
            "refused Listener: " + WORDS,
            f -> sync(f, json -> resource(json, "listener-nonce-7").put("lastError", WORDS))),
        fails(
            "a proxy refused, and its dump shows it",
            "SLV7001",
            "refused virtualInbound: " + WORDS,
            f ->
                f.configDump(
                    "httpbin",
                    dump ->
                        listener(dump)
                            .putObject("error_state")
                            .put("last_update_attempt", "2026-11-26T11:40:00Z")
                            .put("details", "goo.gle/debugproto  \n" + WORDS))),
        fails(
            "a proxy refused, and the log says it",
            "SLV7001",
            "ACK ERROR",
            f ->
                sync(f, json -> json.put("listener_acked", "listener-nonce-6"))
                    .log(
                        Fixtures.NOW.minus(Duration.ofMinutes(5)),
                        "2026-11-26T11:55:00.000000Z\twarn\tads\tADS:LDS: ACK ERROR"
                            + " httpbin-5d4f8c7b9-x2x2x.sample-3 Internal:"
                            + WORDS)),
        passes(
            "a push is under way",
            "SLV7001",
            "3 proxies have taken",
            f ->
                sync(
                    f,
                    json -> {
                      json.put("listener_acked", "listener-nonce-6");
                      resource(json, "listener-nonce-7")
                          .put("sentTime", Fixtures.NOW.minus(Duration.ofSeconds(2)).toString());
                    })),
        unknown(
            "the control plane does not say what was taken",
            "SLV7001",
            "debug pages are closed",
            f ->
                f.proxy(
                    "",
                    one ->
                        new ProxyView(
                            one.namespace(),
                            one.name(),
                            one.configDump(),
                            one.certificates(),
                            Look.unseen("debug pages are closed"),
                            one.stats()))));
  }

  @TestFactory
  Stream<DynamicTest> theStream() {
    return Broken.onBoth(
        fails(
            "a proxy dials what is gone",
            "SLV7002",
            "dials istiod-old.istio-system.svc:15012, and there is no such Service",
            f ->
                f.configDump(
                    "httpbin",
                    dump ->
                        ((ObjectNode) dump.at("/configs/0/bootstrap/node/metadata/PROXY_CONFIG"))
                            .put("discoveryAddress", "istiod-old.istio-system.svc:15012"))),
        fails(
            "a proxy has no stream",
            "SLV7002",
            "sample/httpbin-5d4f8c7b9-x2x2x has no stream",
            f ->
                f.proxy(
                    "httpbin",
                    one ->
                        with(
                            one,
                            one.sync(),
                            List.of(
                                new Metric(
                                    one.name(),
                                    "envoy_control_plane_connected_state",
                                    Map.of(),
                                    0))))),
        fails(
            "no control plane knows a proxy",
            "SLV7002",
            "no control plane knows the proxy of sample/httpbin",
            f ->
                f.proxy(
                    "httpbin",
                    one ->
                        with(
                            one,
                            Look.unseen("no control plane knows the proxy httpbin.sample"),
                            List.of()))),
        unknown("Services may not be read", "SLV7002", "services", f -> f.unseen(Kind.SERVICE)));
  }

  @TestFactory
  Stream<DynamicTest> definitions() {
    String name = "authorizationpolicies.security.istio.io";
    return Broken.onBoth(
        fails(
            "a definition is missing",
            "SLV7004",
            "not defined: " + name,
            f -> f.without(Kind.CUSTOM_RESOURCE_DEFINITION, "", name)),
        fails(
            "only an older version is served",
            "SLV7004",
            "is served as [v1beta1] only",
            f ->
                f.change(
                    Kind.CUSTOM_RESOURCE_DEFINITION,
                    "",
                    name,
                    json -> {
                      for (JsonNode version : json.at("/spec/versions")) {
                        ((ObjectNode) version)
                            .put("served", version.path("name").asString("").equals("v1beta1"));
                      }
                      json.withObject("/status").putArray("storedVersions").add("v1beta1");
                    })),
        fails(
            "objects are stored in a version that is gone",
            "SLV7004",
            "has objects stored as v1alpha1, which is not served",
            f ->
                f.change(
                    Kind.CUSTOM_RESOURCE_DEFINITION,
                    "",
                    name,
                    json ->
                        json.withObject("/status")
                            .putArray("storedVersions")
                            .add("v1")
                            .add("v1alpha1"))),
        unknown(
            "definitions may not be read",
            "SLV7004",
            "customresourcedefinitions",
            f -> f.unseen(Kind.CUSTOM_RESOURCE_DEFINITION)));
  }

  private static Fixture sync(Fixture f, Consumer<ObjectNode> change) {
    UnaryOperator<ProxyView> behind =
        one ->
            new ProxyView(
                one.namespace(),
                one.name(),
                one.configDump(),
                one.certificates(),
                one.sync()
                    .map(
                        sync -> {
                          ObjectNode copy = (ObjectNode) sync.deepCopy();
                          change.accept(copy);
                          return copy;
                        }),
                one.stats());
    return f.proxy("httpbin", behind);
  }

  private static ObjectNode resource(ObjectNode sync, String sent) {
    return sync.putObject("resources").putObject(LISTENER).put("sent", sent);
  }

  private static ProxyView with(ProxyView one, Look<JsonNode> sync, List<Metric> stats) {
    return new ProxyView(
        one.namespace(), one.name(), one.configDump(), one.certificates(), sync, Look.seen(stats));
  }

  private static ObjectNode listener(ObjectNode dump) {
    return dump.path("configs")
        .valueStream()
        .filter(config -> config.path("@type").asString("").endsWith("ListenersConfigDump"))
        .map(config -> (ArrayNode) config.path("dynamic_listeners"))
        .map(all -> (ObjectNode) all.get(0))
        .findFirst()
        .orElseThrow();
  }
}
