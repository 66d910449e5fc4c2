package io.selvage.proxy.accept;

import io.netty.channel.ChannelFuture;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The filter chains of one listener. Immutable; a new configuration makes a new one. */
public final class ChainTable {
  private final Listener listener;
  private final List<Chain> chains;
  private final ServerNameIndex byServerName;
  private final Optional<Chain> otherwise;
  private final boolean needsFirstBytes;

  /**
   * @param chains in the listener's order
   * @param otherwise the listener's default chain
   */
  public ChainTable(Listener listener, List<Chain> chains, Optional<Chain> otherwise) {
    this.listener = listener;
    this.chains = List.copyOf(chains);
    this.byServerName = new ServerNameIndex(this.chains);
    this.otherwise = otherwise;
    this.needsFirstBytes = chains.stream().anyMatch(chain -> chain.config().match().looksAtBytes());
  }

  /** As configured. */
  public Listener listener() {
    return listener;
  }

  /** All chains, the default one included. */
  public List<Chain> chains() {
    List<Chain> all = new ArrayList<>(chains);
    otherwise.ifPresent(all::add);
    return all;
  }

  /** Whether it takes TLS with the right server name alone, as gateways do. */
  boolean isForServerNames() {
    return otherwise.isEmpty()
        && chains.stream().noneMatch(chain -> chain.config().match().serverNames().isEmpty());
  }

  /** Whether a connection to this port must have said something before a chain can be chosen. */
  boolean needsFirstBytes(int port) {
    return needsFirstBytes && (!takesAllForPlaintext(port) || asksForPlaintextProtocol(port));
  }

  /** Whether nobody looks for TLS in what comes to this port. */
  boolean takesAllForPlaintext(int port) {
    return listener.notForTls().stream().anyMatch(ports -> ports.contains(port));
  }

  /** Whether what plaintext speaks decides which chain it gets at this port. */
  boolean asksForPlaintextProtocol(int port) {
    boolean own = chains.stream().anyMatch(chain -> portOf(chain).equals(OptionalInt.of(port)));
    OptionalInt wanted = own ? OptionalInt.of(port) : OptionalInt.empty();
    return chains.stream()
        .filter(chain -> portOf(chain).equals(wanted))
        .map(chain -> chain.config().match())
        .anyMatch(
            match ->
                match.transport() != FilterChain.Transport.TLS
                    && !match.applicationProtocols().isEmpty());
  }

  private static OptionalInt portOf(Chain chain) {
    return chain.config().match().destinationPort();
  }

  @Nullable Chain match(Arrival arrival) {
    Chain chosen =
        FilterChainSelection.select(
            byServerName.candidates(arrival), chain -> chain.config().match(), arrival);
    return chosen != null ? chosen : otherwise.orElse(null);
  }

  /** Hands the connections of {@code before} on, or lets them end. */
  public void replace(ChainTable before, Duration drain) {
    List<Chain> heirs = new ArrayList<>(chains());
    for (Chain old : before.chains()) {
      Optional<Chain> heir = heirs.stream().filter(old::isContinuedBy).findFirst();
      if (heir.isPresent()) {
        heirs.remove(heir.get());
        old.succeededBy(heir.get());
      } else {
        var _ = old.drain(drain);
      }
    }
  }

  /** Lets all connections end; when each has. */
  public List<ChannelFuture> drain(Duration within) {
    return chains().stream().flatMap(chain -> chain.drain(within).stream()).toList();
  }
}
