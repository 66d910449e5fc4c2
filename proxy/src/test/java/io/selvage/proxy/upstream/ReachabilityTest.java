package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.proxy.tls.AnyRoot;
import io.selvage.proxy.tls.KeyMaterial;
import io.selvage.proxy.tls.TlsContexts;
import io.selvage.proxy.transport.EventLoops;
import io.selvage.proxy.transport.Sockets;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When an endpoint counts as silent, and until when. */
class ReachabilityTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may wrap around
  private final AtomicInteger changes = new AtomicInteger();
  private final Reachability endpoint = new Reachability(now::get, changes::incrementAndGet);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private void isFoundSilent() {
    long began = endpoint.begin();
    pass(Reachability.LATE);
    endpoint.waitedInVain(began);
  }

  @Test
  void whoTakesConnectionsMeanwhileIsNotSilent() {
    long began = endpoint.begin();
    pass(Duration.ofMillis(1));
    endpoint.connected();
    pass(Reachability.LATE);
    endpoint.waitedInVain(began);

    assertThat(endpoint.isSilent()).isFalse();
    assertThat(changes).hasValue(0);
  }

  @Test
  void whoIsSilentIsTriedByOneNowAndThen() {
    isFoundSilent();
    assertThat(endpoint.isSilent()).isTrue();

    pass(Reachability.AGAIN.minusNanos(1));
    assertThat(endpoint.isToBeTried()).isFalse();

    pass(Duration.ofNanos(1));
    assertThat(endpoint.isToBeTried()).isTrue();
    assertThat(endpoint.isToBeTried()).as("by one, not by all").isFalse();
    assertThat(endpoint.isSilent()).as("until it is known").isTrue();
  }

  @Test
  void oneConnectionEndsIt() {
    isFoundSilent();
    isFoundSilent();
    endpoint.connected();

    assertThat(endpoint.isSilent()).isFalse();
    assertThat(changes).as("one began, one ended").hasValue(2);
  }

  /**
   * The kernel of a peer that hangs still accepts: only a handshake shows that somebody is there.
   */
  @Test
  void whoAcceptsAndNeverAnswersAHandshakeStaysSilent() throws Exception {
    var material = new KeyMaterial();
    material.put(new Secret.Validation(TlsSettings.TRUST_BUNDLE, AnyRoot.make()));
    try (var mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var loops = new EventLoops(Transport.EPOLL, 1);
        var tls = new TlsContexts(material, InstantSource.system())) {
      var upstreams =
          new Upstreams(loops, Sockets.plain(Transport.EPOLL), tls, now::get, bound -> 0);
      var peer =
          new Endpoint(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), mute.getLocalPort()),
              1,
              tls.client(SETTINGS),
              ClusterLoadAssignment.Workload.UNKNOWN,
              upstreams,
              new Connecting(upstreams, Duration.ofMinutes(1), Optional.empty()));
      long began = peer.reachability().begin();
      pass(Reachability.LATE);
      peer.reachability().waitedInVain(began);
      pass(Reachability.AGAIN);

      peer.tryAgain();
      try (Socket probe = mute.accept()) {
        assertThat(probe.getInputStream().read()).as("a TLS handshake (22)").isEqualTo(22);
        assertThat(peer.reachability().isSilent()).isTrue();
      }
    }
  }

  private static final TlsSettings.Upstream SETTINGS =
      new TlsSettings.Upstream(
          Optional.empty(),
          Optional.of(TlsSettings.TRUST_BUNDLE),
          List.of(),
          List.of(),
          TlsSettings.Version.TLS_1_2,
          TlsSettings.Version.TLS_1_3,
          List.of(),
          Optional.empty());
}
