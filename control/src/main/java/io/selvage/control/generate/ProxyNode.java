package io.selvage.control.generate;

import io.selvage.control.workload.WorkloadInstance;
import java.util.OptionalInt;

/**
 * A proxy that asks for its resources, and the workload that it stands before or, as a gateway, is.
 *
 * @param id as the proxy calls itself: {@code KIND~<ip>~<pod>.<namespace>~<domain>}
 * @param kind what it is
 * @param workload whom it serves; from the registry where that knows it, else as the proxy says
 * @param interception how connections get to it
 * @param httpProxyPort where it offers itself as an HTTP proxy, for programs whose connections are
 *     not captured; empty: it does not
 * @param discoversPolicies it takes policies apart from its listeners
 */
public record ProxyNode(
    String id,
    Kind kind,
    WorkloadInstance workload,
    Interception interception,
    OptionalInt httpProxyPort,
    boolean discoversPolicies) {

  /** A sidecar that takes policies in its listeners. */
  public ProxyNode(
      String id, WorkloadInstance workload, Interception interception, OptionalInt httpProxyPort) {
    this(id, Kind.SIDECAR, workload, interception, httpProxyPort, false);
  }

  /**
   * Of the id, which hardly two proxies share; the rest has maps that would be walked each time.
   */
  @Override
  public int hashCode() {
    return id.hashCode();
  }

  /** What a proxy is, by the first part of its id. */
  public enum Kind {
    /** It stands before a workload. */
    SIDECAR,
    /** It is a workload of its own: a gateway. */
    ROUTER
  }

  /** How connections get to a proxy ({@code ISTIO_META_INTERCEPTION_MODE}). */
  public enum Interception {
    /** Captured, with their original destination. */
    REDIRECT,
    /** Not captured: the proxy listens at the workload's address on each declared port. */
    NONE
  }
}
