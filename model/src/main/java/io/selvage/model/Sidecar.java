package io.selvage.model;

import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the proxies of some workloads are told of the mesh ({@code networking.istio.io/v1.Sidecar}),
 * as far as it is enforced. It keeps their configuration small and is no boundary: a call to what a
 * proxy is not told of is a call to any other host.
 *
 * @param workloadSelector workloads of its namespace; absent: all that no other Sidecar selects
 * @param egress what is imported, those with ports before the one without; empty: everything
 * @param ingress what it says that ports speak, which is not enforced: Services say it
 * @param outboundTrafficPolicy what becomes of calls to other hosts; absent: as MeshConfig says
 */
public record Sidecar(
    ObjectMeta meta,
    Optional<WorkloadSelector> workloadSelector,
    List<Egress> egress,
    List<Ingress> ingress,
    Optional<OutboundTrafficPolicy> outboundTrafficPolicy)
    implements Resource {

  public Sidecar {
    egress = List.copyOf(egress);
    ingress = List.copyOf(ingress);
  }

  /**
   * A port of the workloads themselves.
   *
   * @param number 1..65535
   */
  public record Ingress(int number, PortProtocol protocol) {}

  /**
   * Imported hosts.
   *
   * @param port the only port of theirs that is imported, 1..65535; empty: all
   * @param captured calls to their addresses are handed to them; else only who dials a listener of
   *     its own, which is not made
   */
  public record Egress(OptionalInt port, boolean captured, List<Host> hosts) {
    public Egress {
      hosts = List.copyOf(hosts);
    }

    /**
     * Whether a service is imported.
     *
     * @param host full, may begin with {@code *}
     * @param namespace of the service
     * @param client namespace of the workload, which {@code .} stands for
     */
    public boolean imports(String host, String namespace, String client) {
      boolean imported = false;
      for (Host one : hosts) {
        if (one.covers(host, namespace, client)) {
          if (one.excluded()) {
            return false;
          }
          imported = true;
        }
      }
      return imported;
    }
  }

  /**
   * {@code namespace/name}, or after {@code ~} what is taken out of the others.
   *
   * @param namespace {@code *} for any, {@code .} for the workload's own
   * @param name a full host, {@code *.suffix} or {@code *}
   */
  public record Host(boolean excluded, String namespace, String name) {
    /** The namespace that it names to a client; empty: any. */
    public String namespaceFor(String client) {
      return switch (namespace) {
        case "*" -> "";
        case "." -> client;
        default -> namespace;
      };
    }

    private boolean covers(String host, String of, String client) {
      String wanted = namespaceFor(client);
      return (wanted.isEmpty() || wanted.equals(of)) && HostPattern.covers(name, host);
    }
  }
}
