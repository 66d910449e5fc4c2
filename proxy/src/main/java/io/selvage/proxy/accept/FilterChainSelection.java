package io.selvage.proxy.accept;

import io.selvage.policy.Cidr;
import io.selvage.xds.resource.FilterChain;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which filter chain a connection gets: "the destination port, then the destination IP, the server
 * name, the transport protocol, the application protocols, the source IP" ({@code
 * FilterChainMatch}). Each step keeps only the chains whose criterion is the most specific that
 * matches, and never goes back on what an earlier step dropped.
 */
public final class FilterChainSelection {
  private static final int NO_MATCH = -1;

  /** A chain without the criterion matches, and is the least specific. */
  private static final int UNSPECIFIED = 0;

  private FilterChainSelection() {}

  /** The one candidate that matches, or null. */
  public static <C> @Nullable C select(
      List<C> candidates, Function<C, FilterChain.Match> match, Arrival arrival) {
    List<C> left = candidates;
    left = mostSpecific(left, c -> destinationPort(match.apply(c), arrival));
    left = mostSpecific(left, c -> destinationAddress(match.apply(c), arrival));
    left = mostSpecific(left, c -> serverName(match.apply(c), arrival));
    left = mostSpecific(left, c -> transport(match.apply(c), arrival));
    left = mostSpecific(left, c -> applicationProtocol(match.apply(c), arrival));
    left = mostSpecific(left, c -> source(match.apply(c), arrival));
    return left.isEmpty() ? null : left.getFirst();
  }

  private static <C> List<C> mostSpecific(List<C> candidates, ToIntFunction<C> specificity) {
    int best = NO_MATCH;
    List<C> kept = new ArrayList<>(candidates.size());
    for (C candidate : candidates) {
      int rank = specificity.applyAsInt(candidate);
      if (rank > best) {
        best = rank;
        kept.clear();
      }
      if (rank == best && rank != NO_MATCH) {
        kept.add(candidate);
      }
    }
    return kept;
  }

  private static int destinationPort(FilterChain.Match match, Arrival arrival) {
    if (match.destinationPort().isEmpty()) {
      return UNSPECIFIED;
    }
    return match.destinationPort().getAsInt() == arrival.destination().getPort() ? 1 : NO_MATCH;
  }

  private static int destinationAddress(FilterChain.Match match, Arrival arrival) {
    return longest(match.destinationPrefixes(), arrival.destination().getAddress());
  }

  private static int source(FilterChain.Match match, Arrival arrival) {
    return longest(match.sourcePrefixes(), arrival.source().getAddress());
  }

  private static int longest(List<Cidr> blocks, InetAddress address) {
    int best = blocks.isEmpty() ? UNSPECIFIED : NO_MATCH;
    for (Cidr block : blocks) {
      if (contains(block, address)) {
        best = Math.max(best, 1 + block.prefixLength());
      }
    }
    return best;
  }

  static boolean contains(Cidr block, InetAddress address) {
    byte[] wanted = block.address().getAddress();
    byte[] got = address.getAddress();
    if (wanted.length != got.length) {
      return false;
    }
    int whole = block.prefixLength() / 8;
    for (int i = 0; i < whole; i++) {
      if (wanted[i] != got[i]) {
        return false;
      }
    }
    int rest = block.prefixLength() % 8;
    return rest == 0 || ((wanted[whole] ^ got[whole]) & 0xff) >> (8 - rest) == 0;
  }

  private static int serverName(FilterChain.Match match, Arrival arrival) {
    if (match.serverNames().isEmpty()) {
      return UNSPECIFIED;
    }
    String name = arrival.serverName().orElse("");
    int best = NO_MATCH;
    for (String pattern : match.serverNames()) {
      if (pattern.equals(name)) {
        return Integer.MAX_VALUE;
      }
      if (pattern.startsWith("*.") && name.endsWith(pattern.substring(1))) {
        best = Math.max(best, pattern.length());
      }
    }
    return best;
  }

  private static int transport(FilterChain.Match match, Arrival arrival) {
    if (match.transport() == FilterChain.Transport.ANY) {
      return UNSPECIFIED;
    }
    return match.transport() == arrival.transport() ? 1 : NO_MATCH;
  }

  /** What the client prefers counts. */
  private static int applicationProtocol(FilterChain.Match match, Arrival arrival) {
    if (match.applicationProtocols().isEmpty()) {
      return UNSPECIFIED;
    }
    List<String> offered = arrival.alpn();
    for (int i = 0; i < offered.size(); i++) {
      if (match.applicationProtocols().contains(offered.get(i))) {
        return Integer.MAX_VALUE - i;
      }
    }
    return NO_MATCH;
  }
}
