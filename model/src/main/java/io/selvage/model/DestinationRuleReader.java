package io.selvage.model;

import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.DestinationRule.ConnectionPool;
import io.selvage.model.DestinationRule.LoadBalancer;
import io.selvage.model.DestinationRule.OutlierDetection;
import io.selvage.model.DestinationRule.Subset;
import io.selvage.model.DestinationRule.TlsMode;
import io.selvage.model.DestinationRule.TrafficPolicy;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code networking.istio.io} DestinationRule. */
final class DestinationRuleReader {
  private DestinationRuleReader() {}

  static DestinationRule read(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    DestinationRule rule =
        new DestinationRule(
            meta,
            spec.required("host"),
            spec.object("trafficPolicy").map(DestinationRuleReader::policy),
            subsets(spec),
            spec.texts("exportTo"),
            SelectorReader.labels(spec, "workloadSelector", "matchLabels"));
    spec.finish();
    return rule;
  }

  private static List<Subset> subsets(Fields spec) {
    Set<String> names = new HashSet<>();
    return spec.objects("subsets").stream().map(fields -> subset(fields, names)).toList();
  }

  private static Subset subset(Fields fields, Set<String> names) {
    Subset subset =
        new Subset(
            fields.required("name"),
            fields.textMap("labels"),
            fields.object("trafficPolicy").map(DestinationRuleReader::policy));
    if (!names.add(subset.name())) {
      fields.refuse("name", "\"%s\" is given twice".formatted(subset.name()));
    }
    fields.finish();
    return subset;
  }

  private static TrafficPolicy policy(Fields fields) {
    Map<Integer, TrafficPolicy> ports = new LinkedHashMap<>();
    for (Fields entry : fields.objects("portLevelSettings")) {
      Fields selector = entry.objectOrNone("port");
      OptionalInt port = selector.port("number");
      selector.finish();
      TrafficPolicy settings = settings(entry, Map.of());
      entry.finish();
      if (port.isEmpty()) {
        entry.refuse("port", "number is required");
      } else if (ports.putIfAbsent(port.getAsInt(), settings) != null) {
        entry.refuse("port", port.getAsInt() + " is given twice");
      }
    }
    TrafficPolicy policy = settings(fields, ports);
    fields.notEnforced("tunnel", "proxyProtocol", "retryBudget");
    fields.finish();
    return policy;
  }

  private static TrafficPolicy settings(Fields fields, Map<Integer, TrafficPolicy> ports) {
    Fields balancer = fields.objectOrNone("loadBalancer");
    return new TrafficPolicy(
        fields.object("tls").map(DestinationRuleReader::tls),
        loadBalancer(balancer),
        fields.object("connectionPool").map(DestinationRuleReader::connectionPool),
        fields.object("outlierDetection").map(DestinationRuleReader::outlierDetection),
        LocalityReader.of(balancer),
        ports);
  }

  private static ClientTls tls(Fields fields) {
    ClientTls tls =
        new ClientTls(
            fields.choice("mode", TlsMode.class).orElse(TlsMode.DISABLE),
            filled(fields, "clientCertificate"),
            filled(fields, "privateKey"),
            filled(fields, "caCertificates"),
            filled(fields, "credentialName"),
            fields.texts("subjectAltNames"),
            filled(fields, "sni"),
            fields.flag("insecureSkipVerify"));
    if (!fields.has("mode")) {
      fields.warning(
          ProblemCodes.RESOURCE_REFUSED, "mode", "is not given, which is DISABLE: plaintext");
    }
    fields.notEnforced("caCrl");
    fields.finish();
    check(fields, tls);
    return tls;
  }

  private static Optional<String> filled(Fields fields, String name) {
    return fields.text(name).filter(text -> !text.isEmpty());
  }

  private static void check(Fields fields, ClientTls tls) {
    boolean files =
        tls.clientCertificate().isPresent()
            || tls.privateKey().isPresent()
            || tls.caCertificates().isPresent();
    boolean credential = tls.credentialName().isPresent();
    switch (tls.mode()) {
      case ISTIO_MUTUAL -> {
        if (files || credential) {
          fields.refuse("mode", "ISTIO_MUTUAL uses the mesh's certificates; remove the others");
        }
      }
      case MUTUAL -> {
        boolean own = tls.clientCertificate().isPresent() && tls.privateKey().isPresent();
        if (!own && !credential) {
          fields.refuse("mode", "MUTUAL needs clientCertificate and privateKey, or credentialName");
        }
      }
      case DISABLE, SIMPLE -> {}
    }
    if (credential && tls.mode() != TlsMode.ISTIO_MUTUAL) {
      fields.warning(
          ProblemCodes.NOT_ENFORCED,
          "credentialName",
          "Secrets are not served to sidecars here: connections by this rule fail");
    }
    if (files && credential) {
      fields.refuse("credentialName", "cannot stand beside certificate files");
    }
  }

  private static Optional<LoadBalancer> loadBalancer(Fields fields) {
    Optional<LoadBalancer> simple = fields.choice("simple", LoadBalancer.class);
    fields
        .skip("localityLbSetting")
        .notEnforced("consistentHash", "zoneAwareLbSetting", "warmup", "warmupDurationSecs")
        .finish();
    return simple;
  }

  private static ConnectionPool connectionPool(Fields fields) {
    Fields tcp = fields.objectOrNone("tcp");
    Fields http = fields.objectOrNone("http");
    ConnectionPool pool =
        new ConnectionPool(
            tcp.count("maxConnections"),
            tcp.duration("connectTimeout"),
            http.duration("idleTimeout").or(() -> tcp.duration("idleTimeout")),
            http.count("http1MaxPendingRequests"),
            http.count("http2MaxRequests"),
            http.count("maxRequestsPerConnection"),
            http.count("maxRetries"));
    tcp.skip("idleTimeout").notEnforced("tcpKeepalive", "maxConnectionDuration").finish();
    http.notEnforced(
            "h2UpgradePolicy", "useClientProtocol", "maxConcurrentStreams", "http2KeepAlive")
        .finish();
    fields.finish();
    return pool;
  }

  private static OutlierDetection outlierDetection(Fields fields) {
    OutlierDetection detection =
        new OutlierDetection(
            fields.count("consecutive5xxErrors"),
            fields.count("consecutiveGatewayErrors"),
            fields.duration("interval"),
            fields.duration("baseEjectionTime"),
            fields.number("maxEjectionPercent", 0, 100),
            fields.number("minHealthPercent", 0, 100));
    fields
        .notEnforced(
            "consecutiveErrors",
            "splitExternalLocalOriginErrors",
            "consecutiveLocalOriginFailures",
            "outlierDetectionHttpErrorCodes")
        .finish();
    return detection;
  }
}
