package io.selvage.control.kubernetes.lease;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.ClusterConnection;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This replica's part in the election by a {@code coordination.k8s.io/v1 Lease}, on a connection of
 * its own, so that nothing else keeps a renewal waiting. How it is decided is in {@link Election}.
 */
public final class Leadership implements AutoCloseable {
  /** The Lease, in the control plane's namespace. */
  public static final String LEASE = "selvage-control";

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  private final KubernetesClient client;
  private final Election election;
  private final String identity;
  private final Times times;
  private final List<Runnable> onGain = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread standing;
  private boolean led;

  /**
   * The election's times.
   *
   * @param lease how long a lease holds after it was last renewed, in whole seconds
   * @param renewal how long a leader leads after it began its last successful renewal; shorter
   * @param retry how long between tries; shorter still
   */
  public record Times(Duration lease, Duration renewal, Duration retry) {
    /** A dead leader is followed within 12 s. */
    public static final Times DEFAULT =
        new Times(Duration.ofSeconds(10), Duration.ofSeconds(7), Duration.ofSeconds(2));

    public Times {
      if (lease.compareTo(renewal) <= 0
          || renewal.compareTo(retry) <= 0
          || !lease.equals(Duration.ofSeconds(lease.toSeconds()))) {
        throw new IllegalArgumentException("%s > %s > %s".formatted(lease, renewal, retry));
      }
    }
  }

  private Leadership(KubernetesClient client, Election election, String identity, Times times) {
    this.client = client;
    this.election = election;
    this.identity = identity;
    this.times = times;
    this.standing = Thread.ofVirtual().name("selvage-lease").unstarted(this::stand);
  }

  /**
   * Takes part from now on.
   *
   * @param identity another one for each replica
   * @param clock for the times that the Lease shows; nothing is decided by it
   */
  public static Leadership join(
      KubernetesClient client,
      String namespace,
      String identity,
      Times times,
      InstantSource clock) {
    KubernetesClient own = ClusterConnection.another(client, times.renewal().dividedBy(2));
    Election election =
        new Election(
            new KubernetesLease(own, namespace, LEASE), identity, times, clock, System::nanoTime);
    Leadership leadership = new Leadership(own, election, identity, times);
    leadership.standing.start();
    return leadership;
  }

  private void stand() {
    try {
      do {
        attempt();
        tell();
      } while (!closing.await(times.retry().toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void attempt() {
    try {
      election.attempt();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        LOG.debug("another replica wrote the Lease {} first", LEASE);
      } else if (closing.getCount() > 0) {
        LOG.warn("SLV7232 the Lease {} is not had or renewed: {}", LEASE, e.getMessage());
      }
    } catch (RuntimeException e) {
      LOG.error("SLV7232 the Lease {} is not had or renewed", LEASE, e);
    }
  }

  private void tell() {
    boolean leads = leads();
    if (leads && !led) {
      LOG.info("{} leads", identity);
      onGain.forEach(Runnable::run);
    } else if (led && !leads) {
      LOG.info("{} does not lead any more", identity);
    }
    led = leads;
  }

  /** Whether this replica is the one, at this moment. */
  public boolean leads() {
    return election.leads();
  }

  /** Has {@code listener} run each time that this replica becomes the one: be quick. */
  public void onGain(Runnable listener) {
    onGain.add(listener);
    if (leads()) {
      listener.run();
    }
  }

  /** Steps down, and lets go of the lease, so that another follows at once. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (standing.join(Duration.ofSeconds(5))) {
        election.release();
      }
    } catch (KubernetesClientException e) {
      LOG.debug("the Lease {} runs out by itself: {}", LEASE, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      client.close();
    }
  }
}
