package io.selvage.control.kubernetes.lease;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This replica's part in the election by a {@code coordination.k8s.io/v1 Lease}. Whoever leads says
 * so more often than the lease runs out; one that can't say so in time stops before another begins.
 */
public final class Leadership implements AutoCloseable {
  /** The Lease, in the control plane's namespace. */
  public static final String LEASE = "selvage-control";

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  private final KubernetesClient client;
  private final String namespace;
  private final String identity;
  private final Times times;
  private final List<Runnable> onGain = new CopyOnWriteArrayList<>();
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("selvage-lease-", 0).factory());
  private volatile boolean leads;
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<?> election;

  /**
   * The election's times.
   *
   * @param lease how long a lease holds after it was last renewed
   * @param renewal how long a leader tries to renew before it gives up; shorter
   * @param retry how long between tries; shorter still
   */
  public record Times(Duration lease, Duration renewal, Duration retry) {
    /** A dead leader is followed within 12 s. */
    public static final Times DEFAULT =
        new Times(Duration.ofSeconds(10), Duration.ofSeconds(7), Duration.ofSeconds(2));
  }

  private Leadership(KubernetesClient client, String namespace, String identity, Times times) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
    this.times = times;
  }

  /**
   * Takes part from now on.
   *
   * @param identity another one for each replica
   */
  public static Leadership join(
      KubernetesClient client, String namespace, String identity, Times times) {
    Leadership leadership = new Leadership(client, namespace, identity, times);
    leadership.stand();
    return leadership;
  }

  private void stand() {
    LeaderElector elector =
        new LeaderElector(
            client,
            new LeaderElectionConfigBuilder()
                .withName(LEASE)
                .withLock(new LeaseLock(namespace, LEASE, identity))
                .withLeaseDuration(times.lease())
                .withRenewDeadline(times.renewal())
                .withRetryPeriod(times.retry())
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(
                    new LeaderCallbacks(this::gained, this::lost, this::leaderIsNow))
                .build(),
            executor);
    CompletableFuture<?> standing = elector.start();
    election = standing;
    if (closed) {
      standing.cancel(true);
      return;
    }
    var _ =
        standing.whenComplete(
            (ended, failure) -> {
              if (!closed) {
                // A leader that could not renew steps down for good: stand again.
                CompletableFuture.delayedExecutor(
                        times.retry().toMillis(), TimeUnit.MILLISECONDS, executor)
                    .execute(this::standAgain);
              }
            });
  }

  private void standAgain() {
    if (!closed) {
      stand();
    }
  }

  private void gained() {
    LOG.info("{} leads", identity);
    leads = true;
    onGain.forEach(Runnable::run);
  }

  private void lost() {
    if (leads) {
      LOG.info("{} does not lead any more", identity);
    }
    leads = false;
  }

  private void leaderIsNow(String leader) {
    LOG.debug("{} leads, says {}", leader, identity);
  }

  /** Whether this replica is the one. */
  public boolean leads() {
    return leads;
  }

  /** Has {@code listener} run each time that this replica becomes the one: be quick. */
  public void onGain(Runnable listener) {
    onGain.add(listener);
    if (leads) {
      listener.run();
    }
  }

  /** Steps down, and lets go of the lease, so that another follows at once. */
  @Override
  public void close() {
    closed = true;
    CompletableFuture<?> standing = election;
    if (standing != null) {
      standing.cancel(true);
    }
    leads = false;
    executor.shutdown();
    try {
      if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
