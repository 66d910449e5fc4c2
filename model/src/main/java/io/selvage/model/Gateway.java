package io.selvage.model;

import java.util.List;
import java.util.Map;

/**
 * Where proxies of their own take connections in ({@code networking.istio.io/v1.Gateway}), as far
 * as it is implemented: servers that pass the mesh's own mTLS on by its server name ({@code
 * AUTO_PASSTHROUGH}). For every other server there is a {@link Problem}, and nothing listens.
 *
 * @param selector labels of the workloads whose proxies these are, in any namespace; empty: every
 *     gateway
 * @param servers those that are implemented
 */
public record Gateway(ObjectMeta meta, Map<String, String> selector, List<Server> servers)
    implements Resource {

  public Gateway {
    selector = Frozen.copy(selector);
    servers = List.copyOf(servers);
  }

  /** Whether the proxies of workloads with these labels are meant. */
  public boolean selects(Map<String, String> labels) {
    return new WorkloadSelector(selector).matches(labels);
  }

  /**
   * A port that passes mTLS on.
   *
   * @param port of the gateway's Service, or the proxy's own where no Service has it; 1..65535
   * @param hosts services that can be reached
   */
  public record Server(int port, List<Host> hosts, SourceLocation at) {
    public Server {
      hosts = List.copyOf(hosts);
    }

    /** Whether a service can be reached through it. */
    public boolean exposes(String host, String namespace) {
      return hosts.stream().anyMatch(one -> one.covers(host, namespace));
    }
  }

  /**
   * Services by their full host.
   *
   * @param namespace that the service must be of; empty: any
   * @param name a host, {@code *.suffix}, or {@code *}
   */
  public record Host(String namespace, String name) {
    /** Whether a service is among them; one with a wildcard, if this one's covers all of its. */
    public boolean covers(String host, String ofNamespace) {
      return (namespace.isEmpty() || namespace.equals(ofNamespace))
          && HostPattern.covers(name, host);
    }
  }
}
