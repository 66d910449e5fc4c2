package io.selvage.proxy.telemetry;

/**
 * One end of an edge, as metrics name it. What isn't known is {@code unknown}.
 *
 * @param workload name of the Deployment or the like
 * @param namespace its namespace
 * @param principal SPIFFE ID
 * @param app label {@code app}
 * @param version label {@code version}
 * @param cluster mesh cluster
 * @param canonicalService Istio's canonical service name
 * @param canonicalRevision Istio's canonical revision
 */
public record Workload(
    String workload,
    String namespace,
    String principal,
    String app,
    String version,
    String cluster,
    String canonicalService,
    String canonicalRevision) {
  static final String UNKNOWN_TEXT = "unknown";

  /** Nothing is known: a caller without identity. */
  public static final Workload UNKNOWN = ofPrincipal(UNKNOWN_TEXT);

  /** A workload of which only the identity is known; its namespace follows from that. */
  public static Workload ofPrincipal(String principal) {
    String[] parts = principal.split("/", -1);
    boolean istio = parts.length == 7 && parts[3].equals("ns") && parts[5].equals("sa");
    String u = UNKNOWN_TEXT;
    return new Workload(u, istio ? parts[4] : u, principal, u, u, u, u, "latest");
  }
}
