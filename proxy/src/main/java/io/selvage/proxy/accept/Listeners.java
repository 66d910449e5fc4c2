package io.selvage.proxy.accept;

import io.selvage.xds.resource.Listener;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * The listeners of one workload at one moment: by name, and by the address whose captured
 * connections they take over.
 */
public final class Listeners {
  private static final InetAddress ANY_V4 = InetAddress.ofLiteral("0.0.0.0");
  private static final InetAddress ANY_V6 = InetAddress.ofLiteral("::");

  private final Map<String, ChainTable> byName;
  private final Map<String, ChainTable> byAddress = new HashMap<>();

  /**
   * @param byName all of them
   */
  public Listeners(Map<String, ChainTable> byName) {
    this.byName = Map.copyOf(byName);
    for (ChainTable table : byName.values()) {
      Listener listener = table.listener();
      if (!listener.bindToPort()) {
        byAddress.put(key(InetAddress.ofLiteral(listener.address()), listener.port()), table);
      }
    }
  }

  /** All of them by name. */
  public Map<String, ChainTable> byName() {
    return byName;
  }

  /**
   * Who takes a connection that came in at {@code bound}: the listener of its original destination,
   * then that of any address with its port, then {@code bound} itself. A listener of any IPv4
   * address takes IPv6 too, as its socket does.
   */
  ChainTable forDestination(ChainTable bound, InetSocketAddress destination) {
    if (!bound.listener().useOriginalDestination()) {
      return bound;
    }
    InetAddress address = destination.getAddress();
    int port = destination.getPort();
    ChainTable exact = byAddress.get(key(address, port));
    if (exact != null) {
      return exact;
    }
    ChainTable any = address instanceof Inet6Address ? byAddress.get(key(ANY_V6, port)) : null;
    return any != null ? any : byAddress.getOrDefault(key(ANY_V4, port), bound);
  }

  /** One IPv6 address is written in many ways. */
  private static String key(InetAddress address, int port) {
    return address.getHostAddress() + "_" + port;
  }
}
