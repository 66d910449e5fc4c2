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
 * @param enforced whether a proxy enforces policies on it; else it takes plaintext of anybody
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
    boolean enforced,
    SourceLocation at) {
  public ProvedWorkload {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    ports = List.copyOf(ports);
    addresses = List.copyOf(addresses);
  }

  /** {@code namespace/name}, after {@code cluster/} when clusters have names. */
  public String qualifiedName() {
    return cluster.isEmpty() ? namespace + "/" + name : cluster + "/" + namespace + "/" + name;
  }

  WorkloadView view() {
    return new WorkloadView(namespace, labels);
  }
}
