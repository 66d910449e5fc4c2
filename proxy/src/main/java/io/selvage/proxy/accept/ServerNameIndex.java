package io.selvage.proxy.accept;

import io.selvage.xds.resource.FilterChain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The chains of a listener by the server names that they are for. A gateway has one for each port
 * of each service of a mesh: looking at all of them for each connection would cost more than the
 * connection.
 *
 * <p>It only leaves out what {@link FilterChainSelection} would drop: an exact server name beats
 * every other, and what is looked at before the server name must not tell chains apart.
 */
final class ServerNameIndex {
  private final List<Chain> all;
  private final boolean decisive;
  private final Map<String, List<Chain>> exact = new HashMap<>();
  private final List<Chain> others = new ArrayList<>();

  ServerNameIndex(List<Chain> chains) {
    this.all = chains;
    this.decisive =
        chains.stream().map(c -> c.config().match()).noneMatch(ServerNameIndex::earlier);
    for (Chain chain : chains) {
      List<String> names = chain.config().match().serverNames();
      names.forEach(name -> exact.computeIfAbsent(name, n -> new ArrayList<>()).add(chain));
      if (names.isEmpty() || names.stream().anyMatch(name -> name.startsWith("*."))) {
        others.add(chain);
      }
    }
  }

  private static boolean earlier(FilterChain.Match match) {
    return match.destinationPort().isPresent() || !match.destinationPrefixes().isEmpty();
  }

  /** Those among which the one for this connection is, in the listener's order. */
  List<Chain> candidates(Arrival arrival) {
    if (!decisive) {
      return all;
    }
    List<Chain> named = exact.get(arrival.serverName().orElse(""));
    return named != null ? named : others;
  }
}
