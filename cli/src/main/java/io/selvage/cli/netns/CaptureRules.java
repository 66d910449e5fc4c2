package io.selvage.cli.netns;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The nftables rules of a workload's namespace, as text for {@code nft -f -}.
 *
 * <p>What the workload sends over TCP goes to the proxy's {@value #OUTBOUND_PORT}, what arrives for
 * it to {@value #INBOUND_PORT}; the proxy reads where it was meant to go by {@code
 * SO_ORIGINAL_DST}. Exempt are loopback, what carries the proxy's socket mark, and user {@value
 * #PROXY_UID}, who stands for the proxy's container. The exempt still reach service addresses: the
 * {@code services} chain does for them what kube-proxy does.
 */
public final class CaptureRules {

  /** {@code SO_MARK} of every socket that the proxy opens inside a workload's namespace. */
  public static final int PROXY_MARK = 1337;

  /** The user of {@code exec -c istio-proxy}. */
  public static final int PROXY_UID = 1337;

  /** Where the proxy listens for what the workload sends. */
  public static final int OUTBOUND_PORT = 15001;

  /** Where the proxy listens for what is sent to the workload. */
  public static final int INBOUND_PORT = 15006;

  private static final String TABLE = "ip selvage";

  private CaptureRules() {}

  /**
   * A service address and what stands behind it.
   *
   * @param address the service's IPv4 address
   * @param port the service's TCP port
   * @param endpoints {@code address:port} of those that serve it; may be empty
   */
  public record ServiceAddress(String address, int port, List<Endpoint> endpoints) {
    public ServiceAddress {
      endpoints = List.copyOf(endpoints);
    }
  }

  /** Where one instance of a service listens: IPv4 address and TCP port. */
  public record Endpoint(String address, int port) {}

  /** The whole table, with an empty {@code services} chain. */
  public static String initial() {
    return """
    table %1$s {
      chain services {
      }
      chain output {
        type nat hook output priority -100; policy accept;
        oif "lo" return
        meta mark %2$d jump services
        meta mark %2$d return
        meta skuid %3$d jump services
        meta skuid %3$d return
        meta l4proto tcp redirect to :%4$d
      }
      chain prerouting {
        type nat hook prerouting priority -100; policy accept;
        iif "lo" return
        tcp dport 15000-15099 return
        meta l4proto tcp redirect to :%5$d
      }
    }
    """
        .formatted(TABLE, PROXY_MARK, PROXY_UID, OUTBOUND_PORT, INBOUND_PORT);
  }

  /** The table of a namespace without a proxy: service addresses work, nothing is captured. */
  public static String uncaptured() {
    return """
    table %s {
      chain services {
      }
      chain output {
        type nat hook output priority -100; policy accept;
        jump services
      }
    }
    """
        .formatted(TABLE);
  }

  /** Replaces the {@code services} chain, in one transaction. */
  public static String services(Collection<ServiceAddress> services) {
    var text = new StringBuilder("flush chain " + TABLE + " services\n");
    for (var service : services) {
      if (service.endpoints().isEmpty()) {
        continue; // nothing answers there: the connection finds no route, as in a cluster
      }
      text.append("add rule %s services ip daddr ".formatted(TABLE))
          .append("%s tcp dport %d ".formatted(service.address(), service.port()))
          .append(target(service.endpoints()))
          .append('\n');
    }
    return text.toString();
  }

  private static String target(List<Endpoint> endpoints) {
    if (endpoints.size() == 1) {
      return "dnat to %s:%d".formatted(endpoints.get(0).address(), endpoints.get(0).port());
    }
    return IntStream.range(0, endpoints.size())
        .mapToObj(
            i -> "%d : %s . %d".formatted(i, endpoints.get(i).address(), endpoints.get(i).port()))
        .collect(
            Collectors.joining(
                ", ", "dnat to numgen random mod %d map { ".formatted(endpoints.size()), " }"));
  }

  /** {@code command} run inside the network namespace {@code netns} by {@code ip netns exec}. */
  static List<String> inside(String netns, String... command) {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", netns));
    all.addAll(List.of(command));
    return all;
  }
}
