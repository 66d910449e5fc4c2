package io.selvage.proxy.tls;

import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.resource.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The keys, chains and roots of one workload by secret name, as they are now. Whatever is replaced
 * stays in use by the connections that were made with it. Safe for any number of threads.
 */
public final class KeyMaterial {
  /**
   * All of it at one moment.
   *
   * @param version grows with each change
   * @param secrets by name
   */
  public record Snapshot(long version, Map<String, Secret> secrets) {
    /** The key and chain of that name, or null. */
    public @Nullable WorkloadCertificate certificate(String name) {
      return secrets.get(name) instanceof Secret.Certificate(String _, WorkloadCertificate held)
          ? held
          : null;
    }

    /** The roots of that name, or null. */
    public @Nullable TrustBundle roots(String name) {
      Secret.Validation held = validation(name);
      return held == null ? null : held.roots();
    }

    /** The roots of that name with the trust domains that have their own, or null. */
    public Secret.@Nullable Validation validation(String name) {
      return secrets.get(name) instanceof Secret.Validation held ? held : null;
    }
  }

  private volatile Snapshot current = new Snapshot(0, Map.of());
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Nothing yet. */
  public KeyMaterial() {}

  /** What holds now. */
  public Snapshot current() {
    return current;
  }

  /** Puts a secret in place of the one of its name. */
  public void put(Secret secret) {
    change(
        before -> {
          Map<String, Secret> after = new HashMap<>(before);
          after.put(secret.name(), secret);
          return after;
        });
  }

  /** Puts several secrets in place at once. */
  public void putAll(List<Secret> secrets) {
    change(
        before -> {
          Map<String, Secret> after = new HashMap<>(before);
          new ArrayList<>(secrets).forEach(secret -> after.put(secret.name(), secret));
          return after;
        });
  }

  private void change(UnaryOperator<Map<String, Secret>> change) {
    synchronized (this) {
      current = new Snapshot(current.version() + 1, Map.copyOf(change.apply(current.secrets())));
    }
    listeners.forEach(Runnable::run);
  }

  /** Calls {@code listener} after each change, on the thread that made it. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
