package io.selvage.proxy.accept;

import io.selvage.xds.resource.Listener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * The listeners of one workload at one moment: by name, and by the address whose captured
 * connections they take over.
 */
public final class Listeners {
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
        byAddress.put(key(listener.address(), listener.port()), table);
      }
    }
  }

  /** All of them by name. */
  public Map<String, ChainTable> byName() {
    return byName;
  }

  /**
   * Who takes a connection that came in at {@code bound}: the listener of its original destination,
   * then that of any address with its port, then {@code bound} itself.
   */
  ChainTable forDestination(ChainTable bound, InetSocketAddress destination) {
    if (!bound.listener().useOriginalDestination()) {
      return bound;
    }
    InetAddress address = destination.getAddress();
    ChainTable exact = byAddress.get(key(address.getHostAddress(), destination.getPort()));
    if (exact != null) {
      return exact;
    }
    String any = address instanceof java.net.Inet6Address ? "::" : "0.0.0.0";
    return byAddress.getOrDefault(key(any, destination.getPort()), bound);
  }

  private static String key(String address, int port) {
    return address + "_" + port;
  }
}
