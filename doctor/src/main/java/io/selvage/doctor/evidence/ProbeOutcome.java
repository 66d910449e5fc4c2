package io.selvage.doctor.evidence;

import java.util.List;
import java.util.Map;

/**
 * What came of a request of our own ({@code --probe}).
 *
 * @param purpose what it was to show, such as {@code PLAINTEXT}
 * @param from who called: {@code outside} of the mesh, or {@code namespace/serviceaccount}
 * @param to the workload's namespace and name
 * @param port the workload's own
 * @param request in words: {@code GET /headers}
 * @param result what came: an HTTP status as text, {@code reset}, {@code closed}, {@code refused}
 *     or {@code timeout}; {@link #NOT_SENT} when nothing was sent, which says nothing of the mesh
 * @param details what else came back, such as the header {@code x-forwarded-client-cert} as the
 *     other side saw it, {@code body}, {@code peer-hash}; without secrets
 */
public record ProbeOutcome(
    Purpose purpose,
    String from,
    Target to,
    int port,
    String request,
    String result,
    Map<String, String> details) {
  /** The result of one that could not be sent; details say why ({@code error}). */
  public static final String NOT_SENT = "not sent";

  /** Why probes are unseen when nobody wanted them sent. */
  private static final String NOT_WANTED = "no probes were sent: --probe sends them";

  /** Those of a run that was not to send any. */
  public static Look<List<ProbeOutcome>> notWanted() {
    return Look.unseen(NOT_WANTED);
  }

  /** Whether they are unseen only since nobody wanted them sent. */
  public static boolean areNotWanted(Look<List<ProbeOutcome>> probes) {
    return probes.equals(notWanted());
  }

  /** Whether it was sent: only then its result says something. */
  public boolean isSent() {
    return !result.equals(NOT_SENT);
  }

  /** What a probe is to show. */
  public enum Purpose {
    /** Plaintext from outside of the mesh. */
    PLAINTEXT,
    /** The same request with an identity of the mesh. */
    MESH_IDENTITY,
    /** What the other side sees of the caller: XFCC. */
    PEER_SEEN,
    /** A forged XFCC through the edge. */
    FORGED_PEER,
    /** A request that policy denies. */
    EXPECTED_DENY,
    /** A request that policy allows. */
    EXPECTED_ALLOW,
    /** A spelling of a path that policy denies. */
    PATH_SPELLING,
    /** A certificate asked for with a fresh token. */
    CERTIFICATE_REQUEST,
    /** A Pod that is made without being kept (dry run), through the webhooks. */
    INJECTION_DRY_RUN,
    /** A key set of a token's issuer. */
    JWKS_FETCH
  }

  /** Who was called. */
  public record Target(String namespace, String name) {}
}
