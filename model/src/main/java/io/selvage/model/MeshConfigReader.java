package io.selvage.model;

import io.selvage.model.MeshConfig.AccessLog;
import io.selvage.model.MeshConfig.CaCertificate;
import io.selvage.model.MeshConfig.ClientCertDetails;
import io.selvage.model.MeshConfig.ForwardClientCert;
import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import io.selvage.model.MeshConfig.PathNormalization;
import io.selvage.model.MeshConfig.ProxyHeaders;
import io.selvage.model.MeshConfig.ServiceSettings;
import io.selvage.model.MeshConfig.SidecarDefaults;
import io.selvage.model.MeshConfig.TlsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads Istio's MeshConfig; the caller calls {@link Fields#finish}. */
final class MeshConfigReader {

  private static final MeshConfig DEFAULTS = MeshConfig.DEFAULTS;

  private static final Duration LONGEST_DRAIN = Duration.ofSeconds(999_999);

  private MeshConfigReader() {}

  static MeshConfig read(ObjectMeta meta, Fields fields) {
    Fields defaultConfig = fields.objectOrNone("defaultConfig");
    MeshConfig config =
        new MeshConfig(
            meta,
            trustDomain(fields),
            fields.texts("trustDomainAliases"),
            fields.text("rootNamespace", DEFAULTS.rootNamespace()),
            normalization(fields),
            ExtensionProviderReader.all(fields),
            accessLog(fields),
            proxyHeaders(defaultConfig),
            sidecarDefaults(defaultConfig, fields.flag("enablePrometheusMerge", true)),
            tlsVersion(fields),
            outbound(fields),
            fields.flag("enableAutoMtls", DEFAULTS.enableAutoMtls()),
            caCertificates(fields),
            LocalityReader.of(fields).orElse(DEFAULTS.locality()),
            serviceSettings(fields),
            MeshNetworks.NONE);
    checkProviders(fields, config);
    notEnforced(fields);
    notEnforcedByDefault(defaultConfig);
    return config;
  }

  private static String trustDomain(Fields fields) {
    String domain = fields.text("trustDomain", DEFAULTS.trustDomain());
    if (!domain.matches("[a-z0-9._-]{1,255}")) {
      fields.refuse(
          "trustDomain",
          "\"%s\" is not a trust domain: small letters, digits, dots, hyphens, underscores"
              .formatted(domain));
    }
    return domain;
  }

  private static PathNormalization normalization(Fields fields) {
    Fields inner = fields.objectOrNone("pathNormalization");
    Optional<String> word =
        inner.choice(
            "normalization",
            List.of("DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"));
    inner.finish();
    return word.filter(text -> !text.equals("DEFAULT"))
        .map(PathNormalization::valueOf)
        .orElse(PathNormalization.BASE);
  }

  private static AccessLog accessLog(Fields fields) {
    AccessLog.Encoding encoding =
        fields
            .choice("accessLogEncoding", AccessLog.Encoding.class)
            .orElse(AccessLog.Encoding.TEXT);
    String format = fields.text("accessLogFormat", "");
    if (encoding == AccessLog.Encoding.JSON && !format.isEmpty() && !isObject(format)) {
      fields.warning(
          ProblemCodes.NOT_ENFORCED,
          "accessLogFormat",
          "is no JSON object, as accessLogEncoding JSON needs; the default format is used");
      format = "";
    }
    return new AccessLog(fields.text("accessLogFile", ""), format, encoding);
  }

  /** JSON is YAML, too. */
  private static boolean isObject(String format) {
    try {
      return new Load(LoadSettings.builder().build()).loadFromString(format) instanceof Map;
    } catch (YamlEngineException e) {
      return false;
    }
  }

  private static TlsVersion tlsVersion(Fields fields) {
    Fields mtls = fields.objectOrNone("meshMTLS");
    Optional<String> word =
        mtls.choice("minProtocolVersion", List.of("TLS_AUTO", "TLSV1_2", "TLSV1_3"));
    mtls.notEnforced("ecdhCurves", "cipherSuites").finish();
    return word.filter(text -> !text.equals("TLS_AUTO"))
        .map(TlsVersion::valueOf)
        .orElse(TlsVersion.TLSV1_2);
  }

  private static OutboundTrafficPolicy outbound(Fields fields) {
    Fields policy = fields.objectOrNone("outboundTrafficPolicy");
    OutboundTrafficPolicy mode =
        policy.choice("mode", OutboundTrafficPolicy.class).orElse(OutboundTrafficPolicy.ALLOW_ANY);
    policy.finish();
    return mode;
  }

  private static ProxyHeaders proxyHeaders(Fields defaultConfig) {
    Fields fields = defaultConfig.objectOrNone("proxyHeaders");
    Fields server = fields.objectOrNone("server");
    ProxyHeaders headers =
        new ProxyHeaders(
            fields
                .choice("forwardedClientCert", forwardModes())
                .filter(word -> !word.equals("UNDEFINED"))
                .map(ForwardClientCert::valueOf)
                .orElse(ProxyHeaders.DEFAULTS.forwardedClientCert()),
            fields
                .object("setCurrentClientCertDetails")
                .map(MeshConfigReader::details)
                .orElse(ProxyHeaders.DEFAULTS.clientCertDetails()),
            server.text("value").filter(text -> !text.isEmpty()),
            server.flag("disabled", false),
            disabled(fields, "requestId"),
            disabled(fields, "attemptCount"));
    server.finish();
    fields
        .notEnforced(
            "envoyDebugHeaders",
            "metadataExchangeHeaders",
            "preserveHttp1HeaderCase",
            "xForwardedHost",
            "xForwardedPort")
        .finish();
    return headers;
  }

  /** What makes no sense is told and passed over: the rest of the mesh does not hang on it. */
  private static SidecarDefaults sidecarDefaults(Fields fields, boolean mergeMetrics) {
    return new SidecarDefaults(
        fields.flag("holdApplicationUntilProxyStarts"),
        drain(fields),
        number(fields, "concurrency", 0, SidecarDefaults.MOST_THREADS),
        statusPort(fields),
        mergeMetrics,
        variables(fields));
  }

  private static Optional<Duration> drain(Fields fields) {
    String name = "terminationDrainDuration";
    Optional<String> text = fields.text(name);
    Optional<Duration> read =
        text.flatMap(Durations::parse).filter(duration -> duration.compareTo(LONGEST_DRAIN) <= 0);
    if (text.isPresent() && read.isEmpty()) {
      passedOver(fields, name, "\"%s\" is not a duration such as 5s".formatted(text.get()));
    }
    return read;
  }

  /** Protobuf's JSON takes numbers in quotes, too. */
  private static OptionalInt number(Fields fields, String name, int least, int most) {
    Optional<String> text = fields.textOrNumber(name);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    if (text.get().matches("[0-9]{1,6}")) {
      int number = Integer.parseInt(text.get());
      if (number >= least && number <= most) {
        return OptionalInt.of(number);
      }
    }
    passedOver(
        fields, name, "\"%s\" is no number from %d to %d".formatted(text.get(), least, most));
    return OptionalInt.empty();
  }

  private static OptionalInt statusPort(Fields fields) {
    OptionalInt port = number(fields, "statusPort", 1, 65_535);
    if (port.isPresent() && SidecarDefaults.OTHER_PORTS.contains(port.getAsInt())) {
      passedOver(
          fields, "statusPort", "%d is another of the sidecar's ports".formatted(port.getAsInt()));
      return OptionalInt.empty();
    }
    return port;
  }

  private static Map<String, String> variables(Fields fields) {
    Map<String, String> all = new TreeMap<>(fields.textMap("proxyMetadata"));
    all.keySet()
        .removeIf(
            name -> {
              boolean bad = !SidecarDefaults.isVariable(name);
              if (bad) {
                passedOver(
                    fields,
                    "proxyMetadata",
                    "\"%s\" is no name of an environment variable".formatted(name));
              }
              return bad;
            });
    return all;
  }

  private static void passedOver(Fields fields, String name, String why) {
    fields.warning(ProblemCodes.BAD_VALUE, name, why + "; it is passed over");
  }

  /**
   * What stands in every installation, says where things are, or is for figures and traces is
   * passed over; what would have a proxy trust or do something else is told.
   */
  private static void notEnforcedByDefault(Fields fields) {
    fields
        .skip("discoveryAddress", "configPath", "binaryPath", "serviceCluster", "image", "sds")
        .skip("drainDuration", "discoveryRefreshDelay", "availabilityZone", "proxyAdminPort")
        .skip("zipkinAddress", "tracing", "tracingServiceName", "statsdUdpAddress")
        .skip("envoyMetricsServiceAddress", "envoyMetricsService", "statNameLength")
        .skip("extraStatTags", "proxyStatsMatcher", "statsCompression")
        .skip("fileFlushInterval", "fileFlushMinSizeKb")
        .notEnforced("meshId", "controlPlaneAuthPolicy", "caCertificatesPem", "privateKeyProvider")
        .notEnforced("customConfigFile", "proxyBootstrapTemplatePath", "runtimeValues")
        .notEnforced("readinessProbe", "gatewayTopology", "envoyAccessLogService");
    if (!fields.text("interceptionMode", "REDIRECT").equals("REDIRECT")) {
      fields.notEnforced("interceptionMode");
    }
    fields.finish();
  }

  /** Roots that are fetched from an address ({@code spiffeBundleUrl}) are not. */
  private static List<CaCertificate> caCertificates(Fields fields) {
    List<CaCertificate> all = new ArrayList<>();
    for (Fields one : fields.objects("caCertificates")) {
      one.text("pem")
          .filter(pem -> !pem.isBlank())
          .ifPresent(pem -> all.add(new CaCertificate(pem, one.texts("trustDomains"))));
      one.skip("trustDomains").notEnforced("spiffeBundleUrl", "certSigners").finish();
    }
    return all;
  }

  private static List<ServiceSettings> serviceSettings(Fields fields) {
    List<ServiceSettings> all = new ArrayList<>();
    for (Fields one : fields.objects("serviceSettings")) {
      Fields settings = one.objectOrNone("settings");
      all.add(new ServiceSettings(one.texts("hosts"), settings.flag("clusterLocal", false)));
      settings.finish();
      one.finish();
    }
    return all;
  }

  private static List<String> forwardModes() {
    return List.of(
        "UNDEFINED",
        "SANITIZE",
        "FORWARD_ONLY",
        "APPEND_FORWARD",
        "SANITIZE_SET",
        "ALWAYS_FORWARD_ONLY");
  }

  private static ClientCertDetails details(Fields fields) {
    ClientCertDetails standard = ProxyHeaders.DEFAULTS.clientCertDetails();
    ClientCertDetails details =
        new ClientCertDetails(
            fields.flag("subject", standard.subject()),
            fields.flag("cert", false),
            fields.flag("chain", false),
            fields.flag("dns", standard.dns()),
            fields.flag("uri", standard.uri()));
    fields.finish();
    return details;
  }

  private static boolean disabled(Fields fields, String name) {
    Fields inner = fields.objectOrNone(name);
    boolean disabled = inner.flag("disabled", false);
    inner.finish();
    return disabled;
  }

  private static void checkProviders(Fields fields, MeshConfig config) {
    Set<String> names = new HashSet<>();
    for (ExtensionProvider provider : config.extensionProviders()) {
      if (!names.add(provider.name())) {
        fields.refuse("extensionProviders", "\"%s\" is given twice".formatted(provider.name()));
      }
    }
  }

  private static void notEnforced(Fields fields) {
    fields
        .skip("enableTracing", "ingressClass", "ingressService", "ingressSelector")
        .skip("ingressControllerMode", "configSources")
        .notEnforced("ca", "certificates", "tlsDefaults", "discoverySelectors")
        .notEnforced("inboundTrafficPolicy", "defaultServiceExportTo", "verifyCertificateAtClient")
        .notEnforced("defaultDestinationRuleExportTo", "defaultVirtualServiceExportTo")
        .notEnforced("connectTimeout", "tcpKeepalive", "protocolDetectionTimeout", "dnsRefreshRate")
        .notEnforced("zoneAwareLbSetting", "defaultHttpRetryPolicy")
        .notEnforced("defaultProviders", "serviceScopeConfigs")
        .notEnforced("h2UpgradePolicy", "enableEnvoyAccessLogService", "disableEnvoyListenerLog")
        .notEnforced("proxyListenPort", "proxyInboundListenPort", "proxyHttpPort")
        .notEnforced("inboundClusterStatName", "outboundClusterStatName", "hboneIdleTimeout")
        .notEnforced("defaultTrafficPolicy", "serviceEntryVisibility");
  }
}
