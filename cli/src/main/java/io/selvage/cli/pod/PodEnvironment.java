package io.selvage.cli.pod;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.proxy.join.JoinSettings;
import io.selvage.proxy.pod.PodStatusServer;
import io.selvage.proxy.pod.Prober;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an injected Pod tells its sidecar: environment variables and files, in Istio's names and
 * places, so that one injected by Istio is understood too.
 *
 * @param variables of the process
 * @param root where the Pod's files are; {@code /} but in tests
 */
public record PodEnvironment(Map<String, String> variables, Path root) {
  private static final String METADATA = "ISTIO_META_";
  private static final String METADATA_JSON = "ISTIO_METAJSON_";
  private static final Duration ISTIOS_DRAIN = Duration.ofSeconds(5);
  private static final int STATUS_PORT = 15020;
  private static final int HEALTH_PORT = 15021;
  private static final int METRICS_PORT = 15090;
  private static final String DEFAULT_CONTROL_PLANE = "istiod.istio-system.svc:15012";

  public PodEnvironment {
    variables = Map.copyOf(variables);
  }

  /** Of this process. */
  public static PodEnvironment ofProcess() {
    return new PodEnvironment(System.getenv(), Path.of("/"));
  }

  /** Which mesh it joins, and as whom: as a sidecar. */
  public JoinSettings join() {
    return join(JoinSettings.Role.SIDECAR);
  }

  /** Which mesh it joins, and as whom. */
  public JoinSettings join(JoinSettings.Role role) {
    return new JoinSettings(
        controlPlane(),
        root.resolve("var/run/secrets/istio/root-cert.pem"),
        root.resolve("var/run/secrets/tokens/istio-token"),
        new JoinSettings.Identity(
            needed("POD_NAMESPACE"),
            needed("POD_NAME"),
            needed("SERVICE_ACCOUNT"),
            address().getHostAddress(),
            labels(),
            "cluster.local",
            metadata()),
        role,
        variables.getOrDefault(METADATA + "CLUSTER_ID", "Kubernetes"),
        variables.getOrDefault(
            METADATA + "MESH_ID", variables.getOrDefault("TRUST_DOMAIN", "cluster.local")),
        set(METADATA + "NETWORK"),
        true);
  }

  /** What it serves to kubelet and to Prometheus. */
  public PodStatusServer.Settings status() {
    InetAddress address = address();
    boolean four = address instanceof Inet4Address;
    return new PodStatusServer.Settings(
        InetAddress.ofLiteral(four ? "0.0.0.0" : "::"),
        statusPort(),
        HEALTH_PORT,
        METRICS_PORT,
        address,
        InetAddress.ofLiteral(four ? "127.0.0.6" : "::6"),
        set("ISTIO_KUBE_APP_PROBERS")
            .map(json -> read("ISTIO_KUBE_APP_PROBERS", json, Prober::parse))
            .orElse(Map.of()),
        set("ISTIO_PROMETHEUS_ANNOTATIONS"));
  }

  /** How long it serves on once it has to end; zero: no longer than it takes. */
  public Duration drain() {
    return config("terminationDrainDuration")
        .map(node -> read("terminationDrainDuration", node.asString(""), PodEnvironment::duration))
        .orElse(ISTIOS_DRAIN);
  }

  /** Threads that serve connections; 0: one for each processor. */
  public int concurrency() {
    return config("concurrency").map(node -> node.asInt(0)).orElse(0);
  }

  private int statusPort() {
    return config("statusPort").map(node -> node.asInt(STATUS_PORT)).orElse(STATUS_PORT);
  }

  private JoinSettings.ControlPlane controlPlane() {
    String at =
        config("discoveryAddress")
            .map(node -> node.asString(""))
            .filter(text -> !text.isEmpty())
            .or(() -> set("CA_ADDR"))
            .orElse(DEFAULT_CONTROL_PLANE);
    int colon = at.lastIndexOf(':');
    if (colon < 1 || !at.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw wrong("the control plane's address '" + at + "' is no HOST:PORT");
    }
    String host = at.substring(0, colon);
    return new JoinSettings.ControlPlane(host, Integer.parseInt(at.substring(colon + 1)), host);
  }

  private Optional<JsonNode> config(String field) {
    return set("PROXY_CONFIG")
        .map(
            json ->
                read("PROXY_CONFIG", json, text -> JsonMapper.shared().readTree(text)).path(field))
        .filter(node -> node.isValueNode() && !node.isNull());
  }

  private InetAddress address() {
    return read("INSTANCE_IP", needed("INSTANCE_IP"), InetAddress::ofLiteral);
  }

  /**
   * As Istio's agent makes it: all that is called {@code ISTIO_META_…}, as text; istiod reads a
   * list of ports out of the text itself.
   */
  private Map<String, Object> metadata() {
    Map<String, Object> all = new TreeMap<>();
    variables.forEach(
        (name, value) -> {
          if (name.startsWith(METADATA)) {
            all.put(name.substring(METADATA.length()), value);
          } else if (name.startsWith(METADATA_JSON)) {
            Object object =
                read(name, value, text -> JsonMapper.shared().readValue(text, Object.class));
            all.put(name.substring(METADATA_JSON.length()), object);
          }
        });
    set("INSTANCE_IPS").ifPresent(ips -> all.put("INSTANCE_IPS", ips));
    return all;
  }

  /** The downward API's file: {@code key="value"}, one a line. */
  private Map<String, String> labels() {
    Path file = root.resolve("etc/istio/pod/labels");
    Map<String, String> all = new TreeMap<>();
    List<String> lines = new ArrayList<>();
    try {
      lines.addAll(Files.readAllLines(file));
    } catch (IOException e) {
      throw wrong("the Pod's labels cannot be read: " + e.getMessage());
    }
    for (String line : lines) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        all.put(line.substring(0, equals), line.substring(equals + 1).replaceAll("^\"|\"$", ""));
      }
    }
    return all;
  }

  private static Duration duration(String text) {
    if (!text.matches("[0-9]{1,6}(\\.[0-9]{1,9})?s")) {
      throw new IllegalArgumentException("'" + text + "' is no duration, like 5s");
    }
    BigDecimal seconds = new BigDecimal(text.substring(0, text.length() - 1));
    return Duration.ofNanos(seconds.movePointRight(9).longValueExact());
  }

  private Optional<String> set(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  private String needed(String name) {
    return set(name).orElseThrow(() -> wrong(name + " is not set"));
  }

  private static <T> T read(String name, String value, Function<String, T> reading) {
    try {
      return reading.apply(value);
    } catch (JacksonException e) {
      throw wrong(name + " is no JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException e) {
      throw wrong(name + ": " + e.getMessage());
    }
  }

  private static UserError wrong(String what) {
    return new UserError(
        ExitCode.USAGE,
        "SLV7247 %s\nAn injected Pod tells its sidecar: inject it again, or join with --istiod."
            .formatted(what));
  }
}
