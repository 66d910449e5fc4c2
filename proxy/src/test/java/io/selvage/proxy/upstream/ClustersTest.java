package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.proxy.tls.KeyMaterial;
import io.selvage.proxy.tls.TlsContexts;
import io.selvage.proxy.transport.EventLoops;
import io.selvage.proxy.transport.Sockets;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a cluster when its configuration changes. */
@Timeout(60)
class ClustersTest {
  private static final String NAME = "outbound|80||db.example";

  /** What a name stands for is known when somebody gives an answer; an empty one: it is not. */
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private EventLoops loops;
  private TlsContexts tls;
  private Clusters clusters;

  @BeforeEach
  void start() {
    loops = new EventLoops(Transport.EPOLL, 1);
    tls = new TlsContexts(new KeyMaterial(), InstantSource.system());
    var upstreams =
        new Upstreams(loops, Sockets.plain(Transport.EPOLL), tls, System::nanoTime, bound -> 0);
    clusters = new Clusters(upstreams, this::resolve);
  }

  @AfterEach
  void stop() {
    clusters.close();
    tls.close();
    loops.close();
  }

  private InetAddress[] resolve(String name) throws UnknownHostException {
    asked.add(name);
    try {
      String answer = answers.take();
      if (answer.isEmpty()) {
        throw new UnknownHostException(name);
      }
      return new InetAddress[] {InetAddress.ofLiteral(answer)};
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Cluster named(String name, Duration connectTimeout) {
    var endpoint =
        new ClusterLoadAssignment.Endpoint(
            name, 80, 1, true, Map.of(), ClusterLoadAssignment.Workload.UNKNOWN);
    var here = new ClusterLoadAssignment.Locality("", "", 0, 1, List.of(endpoint));
    return new Cluster(
        NAME,
        new Cluster.Discovery.StrictDns(new ClusterLoadAssignment(NAME, List.of(here))),
        Cluster.LoadBalancing.ROUND_ROBIN,
        connectTimeout,
        Cluster.UpstreamProtocol.HTTP1,
        List.of(),
        Optional.empty(),
        Cluster.Limits.NONE,
        Optional.empty());
  }

  private Runnable update(Cluster... all) {
    return clusters.update(all.length == 0 ? Map.of() : Map.of(NAME, all[0]), Map.of());
  }

  private UpstreamCluster cluster() {
    return Objects.requireNonNull(clusters.slot(NAME).cluster());
  }

  private @Nullable String endpoint() {
    Endpoint chosen = cluster().choose(new InetSocketAddress(0));
    return chosen == null ? null : chosen.toString();
  }

  /** Waits for a thread of no name, which is all that resolving leaves to be waited for. */
  private void awaitEndpoint(String wanted) {
    while (!wanted.equals(endpoint())) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatItsNamesStoodForIsKnownToTheNextOne() {
    answers.add("192.0.2.1");
    update(named("db.example", Duration.ofSeconds(1)));
    awaitEndpoint("192.0.2.1:80");
    UpstreamCluster before = cluster();

    update(named("db.example", Duration.ofSeconds(2)));

    assertThat(cluster()).isNotSameAs(before);
    assertThat(endpoint()).isEqualTo("192.0.2.1:80");
    answers.add("192.0.2.2");
    awaitEndpoint("192.0.2.2:80");
  }

  @Test
  void itServesUntilOtherNamesAreResolved() throws Exception {
    answers.add("192.0.2.1");
    update(named("db.example", Duration.ofSeconds(1)));
    awaitEndpoint("192.0.2.1:80");
    asked.take();

    update(named("db2.example", Duration.ofSeconds(1)));
    assertThat(asked.take()).isEqualTo("db2.example");
    assertThat(endpoint()).isEqualTo("192.0.2.1:80");
    answers.add("192.0.2.2");
    awaitEndpoint("192.0.2.2:80");
  }

  @Test
  void namesThatStandForNothingAreNotWaitedForWithoutEnd() throws Exception {
    answers.add("192.0.2.1");
    update(named("db.example", Duration.ofSeconds(1)));
    awaitEndpoint("192.0.2.1:80");
    update(named("db2.example", Duration.ofSeconds(1)));
    update(named("db2.example", Duration.ofSeconds(1))); // told again

    clusters.sweep();
    assertThat(endpoint()).isEqualTo("192.0.2.1:80");
    clusters.sweep();
    assertThat(endpoint()).isNull();
    answers.addAll(List.of("", "", "", "", "", "", "", ""));
  }

  @Test
  void itServesUntilWhoWasLedThereIsGone() {
    answers.add("192.0.2.1");
    update(named("db.example", Duration.ofSeconds(1)));
    UpstreamCluster before = cluster();

    Runnable letGo = update();
    assertThat(cluster()).isSameAs(before);
    letGo.run();
    assertThat(clusters.slot(NAME).cluster()).isNull();
  }

  @Test
  void itStaysWhenItComesBack() {
    answers.add("192.0.2.1");
    update(named("db.example", Duration.ofSeconds(1)));
    Runnable letGo = update();
    update(named("db.example", Duration.ofSeconds(1)));
    Runnable again = update();
    letGo.run();
    assertThat(clusters.slot(NAME).cluster()).as("its time has begun anew").isNotNull();
    again.run();
    assertThat(clusters.slot(NAME).cluster()).isNull();
  }
}
