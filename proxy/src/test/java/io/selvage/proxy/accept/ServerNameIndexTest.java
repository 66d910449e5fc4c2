package io.selvage.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.FilterChain.Match;
import io.selvage.xds.resource.FilterChain.Transport;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the index leaves out would never have been chosen. */
class ServerNameIndexTest {
  private static final List<String> NAMES =
      List.of("a.local", "b.local", "*.local", "*.a.local", "x.a.local");
  private static final List<String> PROTOCOLS = List.of("istio", "h2");

  @Property(tries = 3_000)
  void theSameChainIsChosenAsAmongAll(
      @ForAll("matches") List<Match> matches, @ForAll("arrivals") Arrival arrival) {
    List<Chain> chains = new ArrayList<>();
    for (int i = 0; i < matches.size(); i++) {
      chains.add(chain("chain-" + i, matches.get(i)));
    }
    assertThat(select(new ServerNameIndex(chains).candidates(arrival), arrival))
        .isSameAs(select(chains, arrival));
  }

  private static @org.jspecify.annotations.Nullable Chain select(
      List<Chain> chains, Arrival arrival) {
    return FilterChainSelection.select(chains, chain -> chain.config().match(), arrival);
  }

  private static Chain chain(String name, Match match) {
    FilterChain config =
        new FilterChain(
            name,
            match,
            Optional.empty(),
            new NetworkStack.Tcp(
                name, Authorization.NONE, List.of(), name, Duration.ZERO, Optional.empty()));
    return new Chain(config, Listener.Direction.OUTBOUND, Optional.empty(), SlowHelloTest.NOBODY);
  }

  @Provide
  Arbitrary<List<Match>> matches() {
    Arbitrary<OptionalInt> port =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(20, Arbitraries.just(OptionalInt.empty())),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(OptionalInt.of(80))));
    Arbitrary<List<String>> names = Arbitraries.of(NAMES).list().ofMaxSize(2);
    Arbitrary<List<String>> protocols = Arbitraries.of(PROTOCOLS).list().ofMaxSize(2);
    return Combinators.combine(port, names, Arbitraries.of(Transport.class), protocols)
        .as((p, n, t, a) -> new Match(p, List.of(), n, t, a, List.of()))
        .list()
        .ofMaxSize(8);
  }

  @Provide
  Arbitrary<Arrival> arrivals() {
    Arbitrary<Optional<String>> name =
        Arbitraries.of("a.local", "b.local", "x.a.local", "y.x.a.local", "c.example", "")
            .optional();
    Arbitrary<List<String>> protocols = Arbitraries.of(PROTOCOLS).list().ofMaxSize(2);
    Arbitrary<Integer> ports = Arbitraries.of(80, 443);
    return Combinators.combine(name, protocols, ports, Arbitraries.of(Transport.TLS, Transport.RAW))
        .as(
            (n, p, port, t) ->
                new Arrival(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    t,
                    n,
                    p));
  }
}
