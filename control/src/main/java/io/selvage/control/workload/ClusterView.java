package io.selvage.control.workload;

import io.selvage.model.EndpointSlice;
import io.selvage.model.Service;
import java.util.List;
import java.util.Optional;

/**
 * What one cluster of a mesh says of itself beside its workloads, at one moment; immutable.
 *
 * @param id the cluster's id
 * @param network on which its workloads reach one another ({@code topology.istio.io/network} of the
 *     control plane's namespace); empty: not said
 * @param declared its own Services; empty: those of the mesh's configuration are its Services too
 */
public record ClusterView(String id, String network, Optional<Declared> declared) {

  /**
   * The Services of a cluster that has a Kubernetes API of its own.
   *
   * @param services all of them
   * @param slices who is there, as that cluster found it
   */
  public record Declared(List<Service> services, List<EndpointSlice> slices) {
    public Declared {
      services = List.copyOf(services);
      slices = List.copyOf(slices);
    }
  }

  /**
   * The clusters of a mesh.
   *
   * @param own whose configuration is in force; an empty id: all workloads count as its own
   * @param neighbours the others, by id
   */
  public record All(ClusterView own, List<ClusterView> neighbours) {
    /** One cluster, whatever its workloads say. */
    public static final All ONE = new All(new ClusterView("", "", Optional.empty()), List.of());

    public All {
      neighbours = List.copyOf(neighbours);
    }
  }
}
