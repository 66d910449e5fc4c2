package io.selvage.control.generate;

import io.selvage.control.workload.WorkloadInstance;
import java.util.OptionalInt;

/**
 * A proxy that asks for its resources, and the workload that it stands before.
 *
 * @param id as the proxy calls itself: {@code sidecar~<ip>~<pod>.<namespace>~<domain>}
 * @param workload whom it serves; from the registry where that knows it, else as the proxy says
 * @param interception how connections get to it
 * @param httpProxyPort where it offers itself as an HTTP proxy, for programs whose connections are
 *     not captured; empty: it does not
 */
public record ProxyNode(
    String id, WorkloadInstance workload, Interception interception, OptionalInt httpProxyPort) {

  /** How connections get to a proxy ({@code ISTIO_META_INTERCEPTION_MODE}). */
  public enum Interception {
    /** Captured, with their original destination. */
    REDIRECT,
    /** Not captured: the proxy listens at the workload's address on each declared port. */
    NONE
  }
}
