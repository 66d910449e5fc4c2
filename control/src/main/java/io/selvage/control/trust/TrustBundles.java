package io.selvage.control.trust;

import io.selvage.pki.TrustBundle;
import java.util.Map;
import java.util.TreeMap;

/**
 * The roots of all clusters of a mesh as one bundle: the own cluster's first, then the others' by
 * cluster id; and beside it the bundles of trust domains that have their own, which vouch for no
 * other (SPIFFE Trust Domain and Bundle 4). Safe for use by many threads.
 */
public final class TrustBundles {
  private final Runnable changed;
  private final Map<String, TrustBundle> others = new TreeMap<>();
  private final Map<String, Map<String, TrustBundle>> federated = new TreeMap<>();
  private TrustBundle own;
  private TrustBundle merged;

  /**
   * Begins with the own cluster's roots.
   *
   * @param changed called after {@link #merged()} changed, on the thread that changed it
   */
  public TrustBundles(TrustBundle own, Runnable changed) {
    this.own = own;
    this.merged = own;
    this.changed = changed;
  }

  /** What every proxy of this cluster is to trust. */
  public synchronized TrustBundle merged() {
    return merged;
  }

  /** The own cluster's roots; two during a rotation. */
  public synchronized TrustBundle own() {
    return own;
  }

  /** Replaces the own cluster's roots. */
  public void own(TrustBundle roots) {
    if (roots.isEmpty()) {
      throw new IllegalArgumentException("a cluster without roots would trust nobody");
    }
    if (set(() -> own = roots)) {
      changed.run();
    }
  }

  /** Sets the roots of another cluster; an empty bundle takes them out. */
  public void of(String cluster, TrustBundle roots) {
    boolean news =
        set(
            () -> {
              if (roots.isEmpty()) {
                others.remove(cluster);
              } else {
                others.put(cluster, roots);
              }
            });
    if (news) {
      changed.run();
    }
  }

  /**
   * Sets what somebody says of the roots of other trust domains; an empty map takes it back.
   *
   * @param from who says it, such as a cluster's id; what several say of one domain is joined
   * @param bundles by trust domain
   */
  public void federate(String from, Map<String, TrustBundle> bundles) {
    Map<String, TrustBundle> before;
    Map<String, TrustBundle> now;
    synchronized (this) {
      before = federated();
      if (bundles.isEmpty()) {
        federated.remove(from);
      } else {
        federated.put(from, Map.copyOf(bundles));
      }
      now = federated();
    }
    if (!now.equals(before)) {
      changed.run();
    }
  }

  /** The bundles of the trust domains that have their own. */
  public synchronized Map<String, TrustBundle> federated() {
    return joined(federated);
  }

  /** The same without what {@code from} says. */
  public synchronized Map<String, TrustBundle> federatedBeside(String from) {
    Map<String, Map<String, TrustBundle>> others = new TreeMap<>(federated);
    others.remove(from);
    return joined(others);
  }

  private static Map<String, TrustBundle> joined(Map<String, Map<String, TrustBundle>> said) {
    Map<String, TrustBundle> all = new TreeMap<>();
    for (Map<String, TrustBundle> some : said.values()) {
      some.forEach(
          (domain, bundle) ->
              all.merge(domain, bundle, (one, other) -> one.withAll(other.roots())));
    }
    return all;
  }

  /** The other clusters' roots by cluster id. */
  public synchronized Map<String, TrustBundle> others() {
    return new TreeMap<>(others);
  }

  private synchronized boolean set(Runnable change) {
    TrustBundle before = merged;
    change.run();
    TrustBundle now = own;
    for (TrustBundle other : others.values()) {
      now = now.withAll(other.roots());
    }
    merged = now;
    return !now.equals(before);
  }
}
