package io.selvage.ca.roots;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.TrustBundle;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Where the replacement of a root stands. Trust overlaps at every step, so that no two workloads
 * ever disagree:
 *
 * <ol>
 *   <li>{@link Steady}: one root signs and is trusted;
 *   <li>{@link Distributing}: the new root is trusted too, the old one signs, until every workload
 *       says that it holds both;
 *   <li>{@link Retiring}: the new root signs, the old one is still trusted, until its last
 *       certificate is gone; then {@link Steady} again. Should the new root not serve, the two
 *       change places and the new one retires.
 * </ol>
 *
 * <p>Pure: each step returns the next value, or says why it would break somebody.
 */
public sealed interface RootRotation {
  /** What signs in this phase. */
  CaCredentials signing();

  /** The roots that are trusted in this phase. */
  TrustBundle bundle();

  /** A step that would cut somebody off. */
  final class StepRefused extends Exception {
    private static final long serialVersionUID = 1L;

    StepRefused(String message) {
      super("SLV1026 " + message);
    }
  }

  /** No rotation is under way. */
  record Steady(CaCredentials signing) implements RootRotation {
    @Override
    public String toString() {
      return phase("Steady", signing, "");
    }

    @Override
    public TrustBundle bundle() {
      return TrustBundle.of(signing.root());
    }

    /** Adds a new root to what is trusted. */
    public Distributing begin(CaCredentials next, Instant now) throws StepRefused {
      if (next.root().equals(signing.root())) {
        throw new StepRefused("the new root is the present root " + shown(next.root()));
      }
      return new Distributing(signing, next, now);
    }
  }

  /** Both roots are trusted, the old one signs. */
  record Distributing(CaCredentials signing, CaCredentials next, Instant since)
      implements RootRotation {
    @Override
    public String toString() {
      return phase("Distributing", signing, ", " + shown(next.root()) + " is trusted too");
    }

    @Override
    public TrustBundle bundle() {
      return TrustBundle.of(signing.root()).with(next.root());
    }

    /**
     * Lets the new root sign.
     *
     * @param lacking the workloads that have not said that they hold the new root
     */
    public Retiring switchSigning(Set<String> lacking, Instant now) throws StepRefused {
      if (!lacking.isEmpty()) {
        throw new StepRefused(
            lacking.size()
                + " workloads do not hold the new root "
                + shown(next.root())
                + " yet and would refuse its certificates: "
                + some(lacking));
      }
      return new Retiring(next, signing.root(), Optional.of(signing), now);
    }

    /** Gives the new root up, before it signed anything. */
    public Steady abandon() {
      return new Steady(signing);
    }
  }

  /**
   * The new root signs, both are trusted.
   *
   * @param old what signed before, kept for going back; empty when it can sign no more
   */
  record Retiring(
      CaCredentials signing, X509Certificate oldRoot, Optional<CaCredentials> old, Instant since)
      implements RootRotation {
    @Override
    public String toString() {
      return phase("Retiring", signing, ", " + shown(oldRoot) + " is still trusted");
    }

    @Override
    public TrustBundle bundle() {
      return TrustBundle.of(signing.root()).with(oldRoot);
    }

    /**
     * Lets the old root sign again, and the new one retire.
     *
     * @param lacking the workloads that have not said that they hold the old root
     */
    public Retiring switchBack(Set<String> lacking, Instant now) throws StepRefused {
      if (old.isEmpty()) {
        throw new StepRefused("the old root " + shown(oldRoot) + " can sign no more");
      }
      if (!lacking.isEmpty()) {
        throw new StepRefused(
            lacking.size()
                + " workloads do not hold the old root "
                + shown(oldRoot)
                + " and would refuse its certificates: "
                + some(lacking));
      }
      return new Retiring(old.get(), signing.root(), Optional.of(signing), now);
    }

    /**
     * Ends the trust in the old root.
     *
     * @param workloadTtl the longest life of a workload certificate; after it none of the old is
     *     left
     * @param onOldRoot the workloads whose certificate still comes from the old root, when somebody
     *     has looked at all of them; none left permits the step before the time is over
     */
    public Steady dropOld(Instant now, Duration workloadTtl, Optional<Set<String>> onOldRoot)
        throws StepRefused {
      boolean over = Duration.between(since, now).compareTo(workloadTtl) > 0;
      boolean nobodyLeft = onOldRoot.isPresent() && onOldRoot.get().isEmpty();
      if (!over && !nobodyLeft) {
        throw new StepRefused(
            "certificates of the old root "
                + shown(oldRoot)
                + " may live until "
                + since.plus(workloadTtl)
                + onOldRoot.map(names -> "; still on it: " + some(names)).orElse(""));
      }
      return new Steady(signing);
    }
  }

  /** Fingerprints alone: a certificate in full belongs into no log. */
  private static String phase(String phase, CaCredentials signing, String also) {
    return "%s[%s signs%s]".formatted(phase, shown(signing.root()), also);
  }

  private static String shown(X509Certificate root) {
    return Fingerprint.sha256Hex(root).substring(0, 12);
  }

  private static String some(Set<String> names) {
    String list = String.join(", ", names.stream().sorted().limit(10).toList());
    return names.size() > 10 ? list + ", …" : list;
  }
}
