package io.selvage.prove;

import io.selvage.model.SourceLocation;
import io.selvage.model.WorkloadView;
import java.net.InetAddress;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A workload that policies protect, and that may itself call others. Replicas are one workload.
 *
 * @param cluster a key of {@link Mesh#clusters()}
 * @param principal its identity, {@code spiffe://td/ns/n/sa/s}; empty when it has none
 * @param ports those that services declare; what no service declares is analysed as "other port"
 * @param addresses of its replicas, where they are known; used by {@link
 *     Options.IpIdentity#INVENTORY} alone
 * @param enforcer what enforces policies on it
 * @param at where it is written
 */
public record ProvedWorkload(
    String cluster,
    String namespace,
    String name,
    Map<String, String> labels,
    Optional<String> principal,
    List<Port> ports,
    List<InetAddress> addresses,
    Enforcer enforcer,
    SourceLocation at) {
  public ProvedWorkload {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    ports = List.copyOf(ports);
    addresses = List.copyOf(addresses);
  }

  /**
   * A workload with a sidecar, or without any proxy.
   *
   * @param sidecar whether it has one
   */
  public ProvedWorkload(
      String cluster,
      String namespace,
      String name,
      Map<String, String> labels,
      Optional<String> principal,
      List<Port> ports,
      List<InetAddress> addresses,
      boolean sidecar,
      SourceLocation at) {
    this(
        cluster,
        namespace,
        name,
        labels,
        principal,
        ports,
        addresses,
        sidecar ? Enforcer.SIDECAR : Enforcer.NONE,
        at);
  }

  /** Whether policies are enforced on it at all. */
  public boolean enforced() {
    return enforcer != Enforcer.NONE;
  }

  /** Whether services say what its ports speak; a gateway's own servers do. */
  public boolean declaresProtocols() {
    return switch (enforcer) {
      case SIDECAR, ZTUNNEL, NONE -> true;
      case GATEWAY, WAYPOINT -> false;
    };
  }

  /** {@code namespace/name}, after {@code cluster/} when clusters have names. */
  public String qualifiedName() {
    return cluster.isEmpty() ? namespace + "/" + name : cluster + "/" + namespace + "/" + name;
  }

  WorkloadView view() {
    return new WorkloadView(namespace, labels);
  }
}
