package io.selvage.control.kubernetes.inject;

import io.selvage.model.MeshConfig.SidecarDefaults;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What {@code proxy.istio.io/config} says: Istio's {@code ProxyConfig} as YAML, for this Pod's
 * sidecar.
 *
 * @param hold whether the application waits for the sidecar
 * @param drain how long the sidecar serves on once it has to end
 * @param concurrency threads that serve connections; 0: one for each processor
 * @param statusPort where probes are answered
 * @param metadata environment variables of the sidecar
 */
record ProxyConfigAnnotation(
    Optional<Boolean> hold,
    Optional<Duration> drain,
    Optional<Integer> concurrency,
    Optional<Integer> statusPort,
    Map<String, String> metadata) {
  /** Fields that would loosen or move what the sidecar trusts, or that it can't do. */
  private static final Set<String> REFUSED =
      Set.of(
          "discoveryAddress",
          "controlPlaneAuthPolicy",
          "caCertificatesPem",
          "privateKeyProvider",
          "customConfigFile",
          "proxyBootstrapTemplatePath",
          "binaryPath",
          "meshId");

  /** Fields of Istio's that nothing here depends on. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "configPath",
          "serviceCluster",
          "tracingServiceName",
          "drainDuration",
          "discoveryRefreshDelay",
          "zipkinAddress",
          "statsdUdpAddress",
          "envoyMetricsServiceAddress",
          "availabilityZone",
          "proxyAdminPort",
          "statNameLength",
          "tracing",
          "sds",
          "envoyAccessLogService",
          "envoyMetricsService",
          "runtimeValues",
          "extraStatTags",
          "gatewayTopology",
          "proxyStatsMatcher",
          "image",
          "proxyHeaders",
          "fileFlushInterval",
          "fileFlushMinSizeKb",
          "statsCompression",
          "readinessProbe");

  static final ProxyConfigAnnotation NONE =
      new ProxyConfigAnnotation(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

  ProxyConfigAnnotation {
    metadata = Map.copyOf(metadata);
  }

  static ProxyConfigAnnotation read(AnnotationReader from) {
    String name = Annotation.PROXY_CONFIG;
    Optional<JsonNode> tree = from.value(name, ClusterYaml::readOne).flatMap(document -> document);
    if (tree.isEmpty()) {
      return NONE;
    }
    if (!tree.get().isObject()) {
      from.refuse(name, "it is no mapping");
      return NONE;
    }
    ProxyConfigAnnotation read = NONE;
    for (Map.Entry<String, JsonNode> field : tree.get().properties()) {
      try {
        read = read.with(from, camelCase(field.getKey()), field.getValue());
      } catch (IllegalArgumentException e) {
        from.refuse(name, field.getKey() + ": " + e.getMessage());
      }
    }
    return read;
  }

  /** Protobuf's JSON takes both. */
  private static String camelCase(String name) {
    return Pattern.compile("_([a-z])")
        .matcher(name)
        .replaceAll((MatchResult letter) -> letter.group(1).toUpperCase(java.util.Locale.ROOT));
  }

  private ProxyConfigAnnotation with(AnnotationReader from, String field, JsonNode value) {
    return switch (field) {
      case "holdApplicationUntilProxyStarts" ->
          new ProxyConfigAnnotation(
              Optional.of(AnnotationReader.flagOf(scalar(value))),
              drain,
              concurrency,
              statusPort,
              metadata);
      case "terminationDrainDuration" ->
          new ProxyConfigAnnotation(
              hold, Optional.of(duration(scalar(value))), concurrency, statusPort, metadata);
      case "concurrency" ->
          new ProxyConfigAnnotation(
              hold,
              drain,
              Optional.of(
                  AnnotationReader.numberOf(scalar(value), 0, SidecarDefaults.MOST_THREADS)),
              statusPort,
              metadata);
      case "statusPort" ->
          new ProxyConfigAnnotation(
              hold,
              drain,
              concurrency,
              Optional.of(AnnotationReader.numberOf(scalar(value), 1, 65_535)),
              metadata);
      case "proxyMetadata" ->
          new ProxyConfigAnnotation(hold, drain, concurrency, statusPort, variables(value));
      case "interceptionMode" -> {
        SidecarOptions.interceptionMode(scalar(value));
        yield this;
      }
      default -> {
        if (WITHOUT_EFFECT.contains(field)) {
          from.warn(Annotation.PROXY_CONFIG, field + " has no effect on this sidecar");
          yield this;
        }
        throw new IllegalArgumentException(
            REFUSED.contains(field) ? "a Pod can't set that here" : "no such field");
      }
    };
  }

  private static String scalar(JsonNode value) {
    if (value.isValueNode() && !value.isNull()) {
      return value.asString();
    }
    throw new IllegalArgumentException("one value is wanted");
  }

  private static Map<String, String> variables(JsonNode value) {
    if (!value.isObject()) {
      throw new IllegalArgumentException("names and values are wanted");
    }
    return value.properties().stream()
        .collect(
            Collectors.toMap(
                entry -> SidecarOptions.variableName(entry.getKey()),
                entry -> scalar(entry.getValue()),
                (first, _) -> first,
                TreeMap::new));
  }

  /** Protobuf's JSON form: seconds with an {@code s}. */
  static Duration duration(String text) {
    if (!text.matches("[0-9]{1,6}(\\.[0-9]{1,9})?s")) {
      throw new IllegalArgumentException("'" + text + "' is no duration, like 5s or 1.5s");
    }
    BigDecimal seconds = new BigDecimal(text.substring(0, text.length() - 1));
    return Duration.ofNanos(seconds.movePointRight(9).longValueExact());
  }

  /** {@link #duration}'s text. */
  static String text(Duration duration) {
    return new BigDecimal(java.math.BigInteger.valueOf(duration.toNanos()), 9)
            .stripTrailingZeros()
            .toPlainString()
        + "s";
  }
}
