package io.selvage.control.kubernetes.remote;

import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.control.kubernetes.remote.RemoteClusters.Trust;
import io.selvage.pki.TrustBundle;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Who judges the tokens of neighbours: their API servers, as far as they are of this very mesh. A
 * neighbour with a CA of its own, in another trust domain or below another root, names its own
 * workloads and none of ours; if its word were taken for an identity of this trust domain, whoever
 * may make a namespace there could be anybody here.
 *
 * @param trustDomain after which workloads are named here
 * @param roots of the CA here
 */
public record NeighbourTokens(
    RemoteClusters remotes, Supplier<String> trustDomain, Supplier<TrustBundle> roots)
    implements Function<String, Optional<Authenticator>> {
  /** The caller's cluster has a CA of its own that is not this mesh's. */
  static final String ANOTHER_MESH = "SLV5019";

  @Override
  public Optional<Authenticator> apply(String cluster) {
    return remotes
        .joined(cluster)
        .map(
            one ->
                apart(one.trust(), trustDomain.get(), roots.get())
                    .<Authenticator>map(Stranger::new)
                    .orElse(one.tokens()));
  }

  /**
   * What makes the CA of a cluster another mesh's, in words; empty when it is of this mesh, as one
   * without a CA is.
   */
  static Optional<String> apart(Trust theirs, String trustDomain, TrustBundle own) {
    if (!theirs.hasRoots()) {
      return Optional.empty();
    }
    if (theirs.settled() && !theirs.trustDomain().equals(trustDomain)) {
      return Optional.of("of the trust domain " + theirs.trustDomain());
    }
    if (theirs.roots().isEmpty()) {
      return Optional.of("whose roots cannot be read");
    }
    return theirs.roots().roots().stream().anyMatch(own::contains)
        ? Optional.empty()
        : Optional.of("below another root");
  }

  private record Stranger(String ca) implements Authenticator {
    @Override
    public String name() {
      return "NeighbourTokens";
    }

    @Override
    public Authentication authenticate(CallerEvidence evidence) {
      return new Refused(
          ANOTHER_MESH,
          "the caller's cluster has a CA of its own, %s: its workloads get their certificates there"
              .formatted(ca));
    }
  }
}
