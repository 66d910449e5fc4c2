package io.selvage.model;

import java.util.Map;
import java.util.Optional;

/**
 * Whether workloads accept plaintext, mTLS or both ({@code
 * security.istio.io/v1.PeerAuthentication}).
 *
 * @param mode {@link Mode#UNSET} when the document has none
 * @param portLevel by the workload's own port, 1 to 65535; empty when the document has none
 */
public record PeerAuthentication(
    ObjectMeta meta, Optional<WorkloadSelector> selector, Mode mode, Map<Integer, Mode> portLevel)
    implements Resource {

  public PeerAuthentication {
    portLevel = Frozen.copy(portLevel);
  }

  /** Whether the selector chooses some workloads, not all of the namespace. */
  public boolean selectsSome() {
    return selector.isPresent() && !selector.get().isEmpty();
  }

  /** What a server port accepts. */
  public enum Mode {
    /** Inherited from the wider scope. */
    UNSET,
    /** Bytes pass as they come: TLS is not terminated. */
    DISABLE,
    /** Plaintext and mTLS on the same port. */
    PERMISSIVE,
    /** Only mTLS with a client certificate. */
    STRICT
  }
}
