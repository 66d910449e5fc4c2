package io.selvage.control.kubernetes.inject;

/** Names of Istio's annotations that sidecars are told by. */
final class Annotation {
  private static final String TRAFFIC = "traffic.sidecar.istio.io/";
  private static final String SIDECAR = "sidecar.istio.io/";

  static final String INCLUDE_INBOUND_PORTS = TRAFFIC + "includeInboundPorts";
  static final String EXCLUDE_INBOUND_PORTS = TRAFFIC + "excludeInboundPorts";
  static final String INCLUDE_OUTBOUND_RANGES = TRAFFIC + "includeOutboundIPRanges";
  static final String EXCLUDE_OUTBOUND_RANGES = TRAFFIC + "excludeOutboundIPRanges";
  static final String INCLUDE_OUTBOUND_PORTS = TRAFFIC + "includeOutboundPorts";
  static final String EXCLUDE_OUTBOUND_PORTS = TRAFFIC + "excludeOutboundPorts";
  static final String EXCLUDE_INTERFACES = TRAFFIC + "excludeInterfaces";
  static final String KUBEVIRT_INTERFACES = TRAFFIC + "kubevirtInterfaces";
  static final String REROUTE_INTERFACES = "istio.io/reroute-virtual-interfaces";

  static final String CPU = SIDECAR + "proxyCPU";
  static final String MEMORY = SIDECAR + "proxyMemory";
  static final String CPU_LIMIT = SIDECAR + "proxyCPULimit";
  static final String MEMORY_LIMIT = SIDECAR + "proxyMemoryLimit";
  static final String IMAGE = SIDECAR + "proxyImage";
  static final String LOG_LEVEL = SIDECAR + "logLevel";
  static final String AGENT_LOG_LEVEL = SIDECAR + "agentLogLevel";
  static final String REWRITE_PROBES = SIDECAR + "rewriteAppHTTPProbers";
  static final String NATIVE = SIDECAR + "nativeSidecar";
  static final String USER_VOLUME = SIDECAR + "userVolume";
  static final String USER_VOLUME_MOUNT = SIDECAR + "userVolumeMount";
  static final String INTERCEPTION_MODE = SIDECAR + "interceptionMode";

  static final String STATUS_PORT = "status.sidecar.istio.io/port";
  static final String INITIAL_DELAY = "readiness.status.sidecar.istio.io/initialDelaySeconds";
  static final String PERIOD = "readiness.status.sidecar.istio.io/periodSeconds";
  static final String FAILURES = "readiness.status.sidecar.istio.io/failureThreshold";

  static final String PROXY_CONFIG = "proxy.istio.io/config";
  static final String TEMPLATES = "inject.istio.io/templates";
  static final String MERGE_METRICS = "prometheus.istio.io/merge-metrics";

  private Annotation() {}

  /** Whether somebody who writes it means to tell a sidecar something. */
  static boolean isMeantForSidecars(String name) {
    return name.startsWith(TRAFFIC)
        || name.startsWith(SIDECAR)
        || name.startsWith("status.sidecar.istio.io/")
        || name.startsWith("readiness.status.sidecar.istio.io/")
        || name.startsWith("proxy.istio.io/")
        || name.startsWith("inject.istio.io/");
  }
}
