package io.selvage.doctor;

import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.Manifest;
import io.selvage.doctor.evidence.AccessAnswer;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClockReading;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Evidence of healthy clusters, in the shapes that real ones have. Each has the workloads
 * sample/sleep, sample/httpbin (called by sleep) and pay/web (called by both), all with sidecars,
 * STRICT and with an ALLOW policy each. A test breaks one in one way.
 */
public final class Fixtures {
  /** The time of every fixture. */
  public static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  /** What Istio's Pods are called here. */
  public static final String ISTIOD_POD = "istiod-6c9d7f5b8-p7p7p";

  private static final List<FixtureWorkload> WORKLOADS =
      List.of(
          new FixtureWorkload("sample", "sleep", "10.244.0.11", List.of("pay/web"), List.of()),
          new FixtureWorkload(
              "sample", "httpbin", "10.244.0.12", List.of("sample/sleep"), List.of("GET")),
          new FixtureWorkload(
              "pay", "web", "10.244.0.13", List.of("sample/sleep", "sample/httpbin"), List.of()));

  private static final List<Kind> MESH_KINDS =
      Arrays.stream(Kind.values()).filter(kind -> kind.group().endsWith(".istio.io")).toList();

  private Fixtures() {}

  /** The whole catalogue's answer to {@code evidence}. */
  public static Diagnosis diagnosis(Evidence evidence) {
    return new Doctor(Catalogue.all()).examine(evidence);
  }

  /** Of these clusters together. */
  public static Evidence evidence(Fixture... clusters) {
    return new Evidence(
        NOW,
        NOW.minus(Duration.ofHours(1)),
        Arrays.stream(clusters).map(Fixture::cluster).toList());
  }

  /** A cluster with Istio's default profile, context {@code east}. */
  public static Fixture istio() {
    return istio("east", FixtureAuthority.make());
  }

  /** The same with another name and CA. */
  public static Fixture istio(String context, FixtureAuthority authority) {
    var fixture = new Fixture();
    fixture.authority = authority;
    fixture.context = context;
    fixture.flavour =
        Look.seen(
            new Flavour(
                Flavour.Kind.ISTIO,
                "1.28.1",
                "istio-system",
                List.of(new Flavour.Revision("default", "istiod", "istiod", Optional.of("istiod"))),
                "cluster.local"));
    var names =
        Map.of(
            "plane", "istiod",
            "service", "istiod",
            "container", "discovery",
            "planeimage", "docker.io/istio/pilot:1.28.1",
            "proxyimage", "docker.io/istio/proxyv2:1.28.1",
            "rev", "default",
            "version", "1.28.1");
    FixtureFiles.objects("istio.yaml", names).forEach(fixture::put);
    definitions(fixture);
    fill(fixture, names);
    fixture.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: istio-ca-secret, namespace: istio-system, creationTimestamp: "2026-10-27T12:00:00Z"}
        type: istio.io/ca-root
        data: {ca-cert.pem: %s, ca-key.pem: "[redacted]"}
        """
            .formatted(authority.rootBase64()));
    return fixture
        .metric("istio_build", Map.of("component", "pilot", "tag", "1.28.1"), 1)
        .metric("citadel_server_csr_count", Map.of(), 12)
        .metric(
            "citadel_server_root_cert_expiry_timestamp",
            Map.of(),
            (double) NOW.plus(Duration.ofDays(3620)).getEpochSecond())
        .metric("pilot_xds", Map.of("version", "1.28.1"), 3)
        .metric("webhook_patch_attempts_total", Map.of("name", "istio-sidecar-injector"), 1);
  }

  /** A cluster with Selvage as {@code selvage install} makes it, context {@code east}. */
  public static Fixture selvage() {
    var fixture = new Fixture();
    fixture.flavour =
        Look.seen(
            new Flavour(
                Flavour.Kind.SELVAGE,
                "0.1.0",
                "istio-system",
                List.of(
                    new Flavour.Revision("selvage", "selvage", "selvage", Optional.of("selvage"))),
                "cluster.local"));
    Manifest.of("istio-system", "0.1.0", InstallSettings.DEFAULTS, true).objects().stream()
        .map(object -> object.content().deepCopy())
        .forEach(fixture::put);
    fixture.change(
        Kind.DEPLOYMENT,
        "istio-system",
        "selvage",
        json -> {
          json.withObject("/metadata")
              .put("generation", 1)
              .put("creationTimestamp", "2026-11-01T08:00:00Z");
          json.withObject("/status")
              .put("observedGeneration", 1)
              .put("replicas", 1)
              .put("readyReplicas", 1)
              .put("availableReplicas", 1)
              .put("updatedReplicas", 1);
        });
    fill(
        fixture,
        Map.of(
            "plane", "selvage",
            "service", "selvage",
            "container", "control",
            "planeimage", "localhost/selvage:0.1.0",
            "proxyimage", "localhost/selvage:0.1.0",
            "rev", "selvage",
            "version", "0.1.0"));
    fixture.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: istio-ca-secret, namespace: istio-system, creationTimestamp: "2026-10-27T12:00:00Z"}
        type: istio.io/ca-root
        data: {ca-cert.pem: %s, ca-key.pem: "[redacted]"}
        """
            .formatted(fixture.authority.rootBase64()));
    return fixture;
  }

  /** Two clusters with Istio and one root: {@code east} and {@code west}. */
  public static Evidence pair() {
    var authority = FixtureAuthority.make();
    return evidence(istio("east", authority), istio("west", authority));
  }

  /** What is the same whoever's control plane it is. */
  private static void fill(Fixture fixture, Map<String, String> names) {
    fixture.version =
        Look.seen(json("{\"major\":\"1\",\"minor\":\"34\",\"gitVersion\":\"v1.34.0\"}"));
    fixture.issuer =
        Look.seen(
            json(
                """
                {"issuer":"https://kubernetes.default.svc.cluster.local",
                 "jwks_uri":"https://10.0.0.1:6443/openid/v1/jwks",
                 "response_types_supported":["id_token"],"subject_types_supported":["public"],
                 "id_token_signing_alg_values_supported":["RS256"]}
                """));
    fixture.tokenKeys =
        Look.seen(
            json(
                """
                {"keys":[{"use":"sig","kty":"RSA","kid":"k1","alg":"RS256","n":"wS9h","e":"AQAB"}]}
                """));
    fixture.clocks =
        Look.seen(
            List.of(
                new ClockReading("API server", Duration.ofMillis(200), Duration.ofSeconds(1)),
                new ClockReading("node/node-1", Duration.ZERO, Duration.ofSeconds(20))));
    FixtureFiles.objects("workloads.yaml", names).forEach(fixture::put);
    FixtureFiles.objects("plane.yaml", names).forEach(fixture::put);
    for (var workload : WORKLOADS) {
      FixtureFiles.objects("workload.yaml", workload.names(names)).forEach(fixture::put);
      fixture.proxies =
          Fixture.plus(fixture.proxies, workload.proxy(fixture.authority, names, WORKLOADS));
    }
    String bundle = fixture.authority.rootBase64();
    for (Kind kind : List.of(Kind.MUTATING_WEBHOOK, Kind.VALIDATING_WEBHOOK)) {
      for (ApiObject hook : fixture.cluster().objects().all(kind)) {
        fixture.change(
            kind,
            "",
            hook.name(),
            json ->
                json.withArray("webhooks")
                    .forEach(
                        entry ->
                            ((ObjectNode) entry.path("clientConfig")).put("caBundle", bundle)));
      }
    }
    for (ApiObject namespace : fixture.cluster().objects().all(Kind.NAMESPACE)) {
      var map = json("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}");
      map.withObject("/metadata")
          .put("name", "istio-ca-root-cert")
          .put("namespace", namespace.name());
      map.withObject("/data").put("root-cert.pem", fixture.authority.root());
      fixture.put(map);
    }
    handshakes(fixture, names.getOrDefault("service", ""));
    fixture.access =
        Look.seen(access(fixture.cluster().objects(), names.getOrDefault("plane", "")));
  }

  private static void handshakes(Fixture fixture, String service) {
    var pod = service + "-6c9d7f5b8-p7p7p";
    var name = service + ".istio-system.svc";
    var made = new ArrayList<Handshake>();
    made.add(
        new Handshake(
            new Handshake.Target(Handshake.Purpose.WEBHOOK, "istio-system", pod, 15017),
            name,
            List.of("h2", "http/1.1"),
            served(fixture.authority.served(service), "h2")));
    made.add(
        new Handshake(
            new Handshake.Target(Handshake.Purpose.CONTROL_PLANE, "istio-system", pod, 15012),
            name,
            List.of("h2"),
            served(fixture.authority.served(service), "h2")));
    for (var workload : WORKLOADS) {
      made.add(
          new Handshake(
              new Handshake.Target(
                  Handshake.Purpose.WORKLOAD, workload.namespace(), workload.pod(), 8080),
              "outbound_.8080_._." + workload.host(),
              List.of("istio-peer-exchange", "istio"),
              served(workload.served(fixture.authority), "istio")));
    }
    fixture.handshakes = Look.seen(List.copyOf(made));
  }

  private static Look<Handshake.Served> served(List<String> chain, String alpn) {
    return Look.seen(new Handshake.Served(chain, "TLSv1.3", "TLS_AES_256_GCM_SHA384", alpn));
  }

  /** A yes to all that the shipped roles grant. */
  private static List<AccessAnswer> access(
      io.selvage.doctor.evidence.Objects objects, String account) {
    var user = "system:serviceaccount:istio-system:" + account;
    return Stream.of(Kind.CLUSTER_ROLE, Kind.ROLE)
        .flatMap(kind -> objects.all(kind).stream())
        .filter(role -> role.name().startsWith(account))
        .flatMap(role -> answers(role, user))
        .distinct()
        .toList();
  }

  private static Stream<AccessAnswer> answers(ApiObject role, String user) {
    var found = new ArrayList<AccessAnswer>();
    for (JsonNode rule : role.at("/rules")) {
      for (JsonNode group : rule.path("apiGroups")) {
        for (JsonNode resource : rule.path("resources")) {
          for (JsonNode verb : rule.path("verbs")) {
            for (String plural : plurals(group.asString(), resource.asString())) {
              for (String name : names(rule)) {
                found.add(
                    new AccessAnswer(
                        user,
                        verb.asString(),
                        group.asString(),
                        plural,
                        role.namespace(),
                        name,
                        true,
                        "RBAC: allowed by " + role.kind() + "Binding of " + role.name()));
              }
            }
          }
        }
      }
    }
    return found.stream();
  }

  private static List<String> names(JsonNode rule) {
    var names = rule.path("resourceNames").valueStream().map(JsonNode::asString).toList();
    return names.isEmpty() ? List.of("") : names;
  }

  private static List<String> plurals(String group, String resource) {
    return resource.equals("*")
        ? MESH_KINDS.stream().filter(kind -> kind.group().equals(group)).map(Kind::plural).toList()
        : List.of(resource);
  }

  private static void definitions(Fixture fixture) {
    for (Kind kind : MESH_KINDS) {
      var json =
          json(
              "{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\"}");
      json.withObject("/metadata").put("name", kind.plural() + "." + kind.group());
      var spec = json.withObject("/spec");
      spec.put("group", kind.group()).put("scope", "Namespaced");
      spec.withObject("/names").put("kind", kind.singular()).put("plural", kind.plural());
      ArrayNode versions = spec.withArray("versions");
      List<String> served =
          kind.group().startsWith("security")
              ? List.of("v1", "v1beta1")
              : List.of("v1", "v1beta1", "v1alpha3");
      for (String version : served) {
        versions
            .addObject()
            .put("name", version)
            .put("served", true)
            .put("storage", version.equals("v1"));
      }
      json.withObject("/status").withArray("storedVersions").add("v1");
      fixture.put(json);
    }
  }

  /** One sample of a proxy's. */
  static Metric stat(String pod, String name, double value) {
    return new Metric(pod, name, new HashMap<>(), value);
  }

  static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text);
  }
}
