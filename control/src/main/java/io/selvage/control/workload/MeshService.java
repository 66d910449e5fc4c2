package io.selvage.control.workload;

import io.selvage.model.PortProtocol;
import io.selvage.model.Service;
import io.selvage.model.TrafficDistribution;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A destination that clients know by a host name: a Kubernetes Service, or one host of a
 * ServiceEntry.
 *
 * @param host full name, may begin with {@code *.} for a ServiceEntry without resolution
 * @param name the resource's name
 * @param namespace the resource's namespace
 * @param origin which kind of resource it comes from
 * @param addresses virtual addresses; empty for a headless service and for a host that is taken as
 *     dialled
 * @param elsewhere the virtual addresses in the other clusters by their ids, where they differ
 * @param ports in the order written, without UDP
 * @param resolution how its endpoints are found
 * @param meshExternal outside of the mesh: reached without mTLS
 * @param subjectAltNames what the servers' certificates must say, beside the service accounts
 * @param exportTo namespaces that see it; empty: all
 * @param aliases Services that are no more than other names of it, sorted
 * @param distribution which endpoints its clients prefer
 * @param nodeLocal only endpoints on a client's own node serve it
 */
public record MeshService(
    String host,
    String name,
    String namespace,
    Origin origin,
    List<String> addresses,
    Map<String, List<String>> elsewhere,
    List<ServicePort> ports,
    Resolution resolution,
    boolean meshExternal,
    List<String> subjectAltNames,
    List<String> exportTo,
    List<Alias> aliases,
    TrafficDistribution distribution,
    boolean nodeLocal) {

  /** Which kind of resource a service comes from. */
  public enum Origin {
    /** A Kubernetes Service: it has short names. */
    SERVICE,
    /** A ServiceEntry: its host is all of its name. */
    SERVICE_ENTRY
  }

  /** How the endpoints of a service are found. */
  public enum Resolution {
    /** Addresses that the control plane knows. */
    STATIC,
    /** Names that the client's proxy resolves. */
    DNS,
    /** None: the connection goes where the client dialled. */
    PASSTHROUGH
  }

  /**
   * One port of a service.
   *
   * @param number what clients dial, 1..65535
   * @param name may be empty
   * @param protocol what it speaks
   */
  public record ServicePort(int number, String name, PortProtocol protocol) {}

  /** A Service of the type {@code ExternalName}, by whose names clients may call another. */
  public record Alias(String namespace, String name) implements Comparable<Alias> {
    /** {@code name.namespace.svc.cluster.local}. */
    public String host() {
      return Service.fullHost(name, namespace);
    }

    @Override
    public int compareTo(Alias other) {
      int byNamespace = namespace.compareTo(other.namespace);
      return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }
  }

  /** Whether the service has no address of its own: a name for its endpoints' addresses. */
  public boolean isHeadless() {
    return origin == Origin.SERVICE && addresses.isEmpty();
  }

  /** The same for the clients in a cluster: with the addresses that it has there. */
  public MeshService seenFrom(String cluster) {
    List<String> there = elsewhere.get(cluster);
    if (there == null && elsewhere.isEmpty()) {
      return this;
    }
    return with(there == null ? addresses : there, Map.of(), ports, aliases);
  }

  /** The same with some of its ports alone. */
  public MeshService withPorts(List<ServicePort> some) {
    return with(addresses, elsewhere, some, aliases);
  }

  /** The same with some of its other names alone. */
  public MeshService withAliases(List<Alias> some) {
    return some.equals(aliases) ? this : with(addresses, elsewhere, ports, some);
  }

  private MeshService with(
      List<String> own,
      Map<String, List<String>> others,
      List<ServicePort> some,
      List<Alias> named) {
    return new MeshService(
        host,
        name,
        namespace,
        origin,
        own,
        others,
        some,
        resolution,
        meshExternal,
        subjectAltNames,
        exportTo,
        named,
        distribution,
        nodeLocal);
  }

  /** Whether the clients of a namespace may know it. */
  public boolean isVisibleTo(String client) {
    return exportTo.isEmpty()
        || exportTo.contains("*")
        || exportTo.contains(client)
        || (exportTo.contains(".") && namespace.equals(client));
  }

  /** The port with this number. */
  public Optional<ServicePort> port(int number) {
    return ports.stream().filter(port -> port.number() == number).findFirst();
  }
}
