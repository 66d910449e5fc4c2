package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.proxy.tls.KeyMaterial;
import io.selvage.proxy.tls.TlsContexts;
import io.selvage.proxy.transport.EventLoops;
import io.selvage.proxy.transport.Sockets;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.resource.Cluster.LoadBalancing;
import io.selvage.xds.resource.Cluster.OutlierDetection;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which endpoint is asked, and which one after one has failed. */
class EndpointChoiceTest {
  private static final int DRAWS = 3000;
  private static EventLoops loops;
  private static TlsContexts tls;

  private final Random random = new Random(4);

  @BeforeAll
  static void start() {
    loops = new EventLoops(Transport.EPOLL, 1);
    tls = new TlsContexts(new KeyMaterial(), InstantSource.system());
  }

  @AfterAll
  static void stop() {
    tls.close();
    loops.close();
  }

  private EndpointChoice of(int... weights) {
    var upstreams =
        new Upstreams(
            loops, Sockets.plain(Transport.EPOLL), tls, System::nanoTime, random::nextInt);
    var connecting = new Connecting(upstreams, Duration.ofSeconds(1), Optional.empty());
    List<ClusterLoadAssignment.Endpoint> endpoints = new ArrayList<>();
    for (int weight : weights) {
      endpoints.add(
          new ClusterLoadAssignment.Endpoint(
              "127.0.0.1",
              1 + endpoints.size(),
              weight,
              true,
              Map.of(),
              ClusterLoadAssignment.Workload.UNKNOWN));
    }
    return EndpointChoice.none(EndpointChoice.Rules.DEFAULT)
        .replacedBy(
            new ClusterLoadAssignment(
                "c", List.of(new ClusterLoadAssignment.Locality("", "", 0, 1, endpoints))),
            (InetSocketAddress address, ClusterLoadAssignment.Endpoint config) ->
                new Endpoint(
                    address, config.weight(), null, config.workload(), upstreams, connecting));
  }

  private Map<Integer, Integer> shares(EndpointChoice choice, LoadBalancing policy) {
    Map<Integer, Integer> byPort = new HashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      Endpoint chosen = Objects.requireNonNull(choice.choose(policy, random::nextInt));
      byPort.merge(chosen.address().getPort(), 1, Integer::sum);
    }
    return byPort;
  }

  @ParameterizedTest
  @EnumSource(LoadBalancing.class)
  void whoHasFailedIsLeftOutAndTheOthersShare(LoadBalancing policy) {
    EndpointChoice all = of(1, 1, 1);
    Endpoint failed = all.endpoints().get(1);

    Map<Integer, Integer> shares = shares(all.without(failed), policy);

    assertThat(shares).containsOnlyKeys(1, 3);
    assertThat(shares.values()).allSatisfy(n -> assertThat(n).isBetween(1300, 1700));
  }

  @ParameterizedTest
  @EnumSource(LoadBalancing.class)
  void whoIsAloneIsAskedAgain(LoadBalancing policy) {
    EndpointChoice one = of(1);

    assertThat(one.without(one.endpoints().getFirst()).choose(policy, random::nextInt))
        .isSameAs(one.endpoints().getFirst());
  }

  @Test
  void weightsThatCannotBeAddedStayInProportion() {
    EndpointChoice all = of(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE / 2, 1);

    Map<Integer, Integer> shares = shares(all, LoadBalancing.RANDOM);

    assertThat(shares).containsOnlyKeys(1, 2, 3);
    assertThat(shares.get(1)).isBetween(1050, 1350);
    assertThat(shares.get(3)).isBetween(480, 720);
  }

  private static void silence(Endpoint endpoint) {
    endpoint.reachability().waitedInVain(endpoint.reachability().begin());
  }

  @ParameterizedTest
  @EnumSource(LoadBalancing.class)
  void whoIsSilentIsPassedOverWhileThereAreOthers(LoadBalancing policy) {
    EndpointChoice all = of(1, 1, 1);
    silence(all.endpoints().get(1));

    Map<Integer, Integer> shares = shares(all.reconsidered(), policy);
    assertThat(shares).containsOnlyKeys(1, 3);
    assertThat(shares.values()).allSatisfy(n -> assertThat(n).isBetween(1300, 1700));
    assertThat(all.reconsidered().passedOver()).containsExactly(all.endpoints().get(1));

    all.endpoints().get(1).reachability().connected();
    assertThat(shares(all.reconsidered(), policy)).containsOnlyKeys(1, 2, 3);
  }

  @ParameterizedTest
  @EnumSource(LoadBalancing.class)
  void whereAllAreSilentAllAreAsked(LoadBalancing policy) {
    EndpointChoice all = of(1, 1);
    all.endpoints().forEach(EndpointChoiceTest::silence);

    assertThat(shares(all.reconsidered(), policy)).containsOnlyKeys(1, 2);
  }

  @ParameterizedTest
  @EnumSource(LoadBalancing.class)
  void whoHasJustAnsweredBadlyIsAskedAgainBeforeWhoIsSilent(LoadBalancing policy) {
    EndpointChoice all = of(1, 1);
    silence(all.endpoints().get(1));

    EndpointChoice left = all.reconsidered().without(all.endpoints().getFirst());
    assertThat(shares(left, policy)).containsOnlyKeys(1);
  }

  @Test
  void theOthersKeepTheirWeights() {
    EndpointChoice all = of(1, 100, 3);

    Map<Integer, Integer> shares =
        shares(all.without(all.endpoints().get(1)), LoadBalancing.RANDOM);

    assertThat(shares).containsOnlyKeys(1, 3);
    assertThat(shares.get(3)).isBetween(2100, 2400);
  }

  private EndpointChoice ofPriorities(Outliers outliers, int... members) {
    var upstreams =
        new Upstreams(
            loops, Sockets.plain(Transport.EPOLL), tls, System::nanoTime, random::nextInt);
    var connecting = new Connecting(upstreams, Duration.ofSeconds(1), Optional.empty());
    List<ClusterLoadAssignment.Locality> places = new ArrayList<>();
    int port = 0;
    for (int priority = 0; priority < members.length; priority++) {
      List<ClusterLoadAssignment.Endpoint> endpoints = new ArrayList<>();
      for (int i = 0; i < members[priority]; i++) {
        endpoints.add(
            new ClusterLoadAssignment.Endpoint(
                "127.0.0.1", ++port, 1, true, Map.of(), ClusterLoadAssignment.Workload.UNKNOWN));
      }
      places.add(new ClusterLoadAssignment.Locality("", "", priority, 1, endpoints));
    }
    int all = port;
    return EndpointChoice.none(EndpointChoice.Rules.DEFAULT)
        .replacedBy(
            new ClusterLoadAssignment("c", places),
            (address, config) ->
                new Endpoint(
                    address,
                    1,
                    null,
                    config.workload(),
                    upstreams,
                    connecting,
                    outliers.of(() -> all),
                    () -> {}));
  }

  private static Outliers outliers(AtomicLong now) {
    return new Outliers(
        new OutlierDetection(2, 0, Duration.ofSeconds(10), Duration.ofSeconds(30), 100, 0),
        now::get,
        () -> {});
  }

  @Test
  void aPriorityThatHasLostSomeGivesAPartToTheNext() {
    Outliers outliers = outliers(new AtomicLong());
    EndpointChoice all = ofPriorities(outliers, 4, 4);
    assertThat(shares(all, LoadBalancing.RANDOM)).containsOnlyKeys(1, 2, 3, 4);

    fail(all.endpoints().getFirst());
    assertThat(shares(all.reconsidered(), LoadBalancing.RANDOM))
        .as("three of four are enough: 105 %%")
        .containsOnlyKeys(2, 3, 4);

    fail(all.endpoints().get(1));
    Map<Integer, Integer> shares = shares(all.reconsidered(), LoadBalancing.RANDOM);
    assertThat(shares.getOrDefault(3, 0) + shares.getOrDefault(4, 0))
        .as("70 %%")
        .isBetween(2000, 2200);
    assertThat(shares).containsOnlyKeys(3, 4, 5, 6, 7, 8);

    fail(all.endpoints().get(2));
    fail(all.endpoints().get(3));
    assertThat(shares(all.reconsidered(), LoadBalancing.RANDOM)).containsOnlyKeys(5, 6, 7, 8);
  }

  private static void fail(Endpoint endpoint) {
    endpoint.failed();
    endpoint.failed();
  }

  @Test
  void whoIsSetAsideComesBackAndStaysAwayLongerTheNextTime() {
    var now = new AtomicLong(7);
    Outliers outliers = outliers(now);
    EndpointChoice all = ofPriorities(outliers, 2);
    Endpoint bad = all.endpoints().getFirst();

    bad.answered(500);
    bad.answered(200);
    bad.answered(500);
    assertThat(bad.isSetAside()).as("never two in a row").isFalse();
    bad.answered(503);
    assertThat(bad.isSetAside()).isTrue();

    now.addAndGet(Duration.ofSeconds(29).toNanos());
    outliers.look();
    assertThat(bad.isSetAside()).isTrue();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    outliers.look();
    assertThat(bad.isSetAside()).isFalse();

    fail(bad);
    now.addAndGet(Duration.ofSeconds(59).toNanos());
    outliers.look();
    assertThat(bad.isSetAside()).as("twice the time").isTrue();
    now.addAndGet(Duration.ofSeconds(1).toNanos());
    outliers.look();
    assertThat(bad.isSetAside()).isFalse();
  }

  @Test
  void aRetryGoesToTheNextPriorityWhenNobodyElseIsLeft() {
    EndpointChoice all = ofPriorities(outliers(new AtomicLong()), 1, 1);
    assertThat(
            all.without(all.endpoints().getFirst()).choose(LoadBalancing.RANDOM, random::nextInt))
        .isSameAs(all.endpoints().get(1));
  }
}
