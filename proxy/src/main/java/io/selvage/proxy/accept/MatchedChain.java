package io.selvage.proxy.accept;

import org.jspecify.annotations.Nullable;

/** A connection and the filter chain that is meant for it. Only {@link #find} makes one. */
public final class MatchedChain {
  private final Chain chain;
  private final Arrival arrival;

  private MatchedChain(Chain chain, Arrival arrival) {
    this.chain = chain;
    this.arrival = arrival;
  }

  /** The chain for this connection, or null: it is to be closed. */
  static @Nullable MatchedChain find(ChainTable table, Arrival arrival) {
    Chain chain = table.match(arrival);
    return chain == null ? null : new MatchedChain(chain, arrival);
  }

  Chain chain() {
    return chain;
  }

  Arrival arrival() {
    return arrival;
  }
}
