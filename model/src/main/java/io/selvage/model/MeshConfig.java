package io.selvage.model;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** The settings of the whole mesh ({@code istio.mesh.v1alpha1.MeshConfig}). */
public record MeshConfig(
    ObjectMeta meta,
    String trustDomain,
    List<String> trustDomainAliases,
    String rootNamespace,
    PathNormalization pathNormalization,
    List<ExtensionProvider> extensionProviders,
    AccessLog accessLog,
    ProxyHeaders proxyHeaders,
    SidecarDefaults sidecarDefaults,
    TlsVersion minProtocolVersion,
    OutboundTrafficPolicy outboundTrafficPolicy,
    boolean enableAutoMtls,
    List<CaCertificate> caCertificates,
    LocalityLoadBalancing locality,
    List<ServiceSettings> serviceSettings,
    MeshNetworks networks)
    implements Resource {

  /** What holds when nothing is written: Istio's own defaults. */
  public static final MeshConfig DEFAULTS = defaults("istio-system");

  /** Services of control planes: a proxy asks that of its own cluster. */
  private static final List<String> CONTROL_PLANES = List.of("istiod", "selvage");

  public MeshConfig {
    trustDomainAliases = List.copyOf(trustDomainAliases);
    extensionProviders = List.copyOf(extensionProviders);
    caCertificates = List.copyOf(caCertificates);
    serviceSettings = List.copyOf(serviceSettings);
  }

  /** The trust domain, then its aliases, each once. */
  public Set<String> trustDomains() {
    Set<String> all = new LinkedHashSet<>();
    all.add(trustDomain);
    all.addAll(trustDomainAliases);
    return all;
  }

  public Optional<ExtensionProvider> extensionProvider(String name) {
    return extensionProviders.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /**
   * Whether only endpoints in the client's own cluster serve a host ({@code
   * serviceSettings.settings.clusterLocal}; the most specific setting counts). Kubernetes' own
   * services and the control planes in the root namespace are, unless it is said otherwise.
   */
  public boolean isClusterLocal(String host) {
    return serviceSettings.stream()
        .flatMap(settings -> settings.hosts().stream().map(of -> new Setting(of, settings)))
        .filter(setting -> setting.covers(host))
        .max(Comparator.comparingInt(Setting::weight))
        .map(setting -> setting.settings().clusterLocal())
        .orElseGet(
            () ->
                host.endsWith(".kube-system.svc.cluster.local")
                    || host.equals("kubernetes.default.svc.cluster.local")
                    || CONTROL_PLANES.stream()
                        .anyMatch(name -> host.equals(Service.fullHost(name, rootNamespace))));
  }

  private record Setting(String host, ServiceSettings settings) {
    boolean covers(String name) {
      return HostPattern.covers(host, name);
    }

    int weight() {
      return host.startsWith("*") ? host.length() : Integer.MAX_VALUE;
    }
  }

  public MeshConfig withTrustDomain(String domain, List<String> aliases) {
    return new MeshConfig(
        meta,
        domain,
        aliases,
        rootNamespace,
        pathNormalization,
        extensionProviders,
        accessLog,
        proxyHeaders,
        sidecarDefaults,
        minProtocolVersion,
        outboundTrafficPolicy,
        enableAutoMtls,
        caCertificates,
        locality,
        serviceSettings,
        networks);
  }

  /** What holds when nothing is written in a mesh whose control plane is in this namespace. */
  public static MeshConfig defaults(String rootNamespace) {
    return new MeshConfig(
        ObjectMeta.of("", "default"),
        "cluster.local",
        List.of(),
        rootNamespace,
        PathNormalization.BASE,
        List.of(),
        AccessLog.OFF,
        ProxyHeaders.DEFAULTS,
        SidecarDefaults.NONE,
        TlsVersion.TLSV1_2,
        OutboundTrafficPolicy.ALLOW_ANY,
        true,
        List.of(),
        LocalityLoadBalancing.DEFAULT,
        List.of(),
        MeshNetworks.NONE);
  }

  /** The same with networks, which are written beside it. */
  public MeshConfig withNetworks(MeshNetworks written) {
    return new MeshConfig(
        meta,
        trustDomain,
        trustDomainAliases,
        rootNamespace,
        pathNormalization,
        extensionProviders,
        accessLog,
        proxyHeaders,
        sidecarDefaults,
        minProtocolVersion,
        outboundTrafficPolicy,
        enableAutoMtls,
        caCertificates,
        locality,
        serviceSettings,
        written);
  }

  /**
   * Roots beside the CA's own.
   *
   * @param pem one or more certificates
   * @param trustDomains whose identities they vouch for; empty: the mesh's own
   */
  public record CaCertificate(String pem, List<String> trustDomains) {
    public CaCertificate {
      trustDomains = List.copyOf(trustDomains);
    }
  }

  /**
   * Settings of some hosts.
   *
   * @param hosts full names, or {@code *.} and the end of one
   * @param clusterLocal never to be reached from another cluster
   */
  public record ServiceSettings(List<String> hosts, boolean clusterLocal) {
    public ServiceSettings {
      hosts = List.copyOf(hosts);
    }
  }

  /** What is done to a request's path before any rule sees it; Istio's DEFAULT is BASE. */
  public enum PathNormalization {
    NONE,
    BASE,
    MERGE_SLASHES,
    DECODE_AND_MERGE_SLASHES
  }

  /** The lowest version of TLS inside the mesh. */
  public enum TlsVersion {
    TLSV1_2,
    TLSV1_3
  }

  /** What happens to calls out of the mesh's registry. */
  public enum OutboundTrafficPolicy {
    ALLOW_ANY,
    REGISTRY_ONLY
  }

  /**
   * Where and how each request is noted.
   *
   * @param file a path, {@code /dev/stdout} most often; empty: no access log
   * @param format empty: the encoding's default format
   */
  public record AccessLog(String file, String format, Encoding encoding) {
    public static final AccessLog OFF = new AccessLog("", "", Encoding.TEXT);

    /** The form of a line. */
    public enum Encoding {
      TEXT,
      JSON
    }
  }

  /**
   * The part of {@code defaultConfig.proxyHeaders} that says what a proxy adds to requests.
   *
   * @param server the response header's value; absent: the proxy's own name
   */
  public record ProxyHeaders(
      ForwardClientCert forwardedClientCert,
      ClientCertDetails clientCertDetails,
      Optional<String> server,
      boolean serverDisabled,
      boolean requestIdDisabled,
      boolean attemptCountDisabled) {
    public static final ProxyHeaders DEFAULTS =
        new ProxyHeaders(
            ForwardClientCert.APPEND_FORWARD,
            new ClientCertDetails(true, false, false, true, true),
            Optional.empty(),
            false,
            false,
            false);
  }

  /**
   * What {@code defaultConfig} says of the sidecars that are injected; a Pod's {@code
   * proxy.istio.io/config} comes before it.
   *
   * @param hold {@code holdApplicationUntilProxyStarts}
   * @param drain {@code terminationDrainDuration}
   * @param concurrency threads that serve connections; 0: one for each processor
   * @param statusPort where kubelet's probes are answered
   * @param mergeMetrics {@code enablePrometheusMerge}, which stands beside {@code defaultConfig}
   * @param metadata {@code proxyMetadata}: environment variables of the sidecar
   */
  public record SidecarDefaults(
      Optional<Boolean> hold,
      Optional<Duration> drain,
      OptionalInt concurrency,
      OptionalInt statusPort,
      boolean mergeMetrics,
      Map<String, String> metadata) {
    public static final SidecarDefaults NONE =
        new SidecarDefaults(
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            true,
            Map.of());

    /** Ports of a sidecar beside {@link #statusPort}: Istio's. */
    public static final Set<Integer> OTHER_PORTS = Set.of(15000, 15001, 15006, 15021, 15090);

    /** The highest {@link #concurrency}. */
    public static final int MOST_THREADS = 1024;

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");

    public SidecarDefaults {
      metadata = Map.copyOf(metadata);
    }

    /** Whether a container's environment may have a variable of that name. */
    public static boolean isVariable(String name) {
      return VARIABLE.matcher(name).matches();
    }
  }

  /** What a sidecar does to an {@code x-forwarded-client-cert} header. */
  public enum ForwardClientCert {
    SANITIZE,
    FORWARD_ONLY,
    APPEND_FORWARD,
    SANITIZE_SET,
    ALWAYS_FORWARD_ONLY
  }

  /** Which facts of the client's certificate go into {@code x-forwarded-client-cert}. */
  public record ClientCertDetails(
      boolean subject, boolean cert, boolean chain, boolean dns, boolean uri) {}
}
