package io.selvage.control.generate;

import io.selvage.control.workload.Places;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.Sidecar;
import io.selvage.model.WorkloadView;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A workload as the caller of others: all that decides what it sees of the mesh.
 *
 * @param view its namespace, and its labels where they matter
 * @param cluster id of the cluster that it is in
 * @param network where it is; empty: not said
 * @param locality {@code region/zone/subzone}; empty where it does not matter or is unknown
 * @param node name of the node that it runs on; empty where it does not matter or is unknown
 * @param family of its address
 * @param sidecar what narrows the mesh for it
 */
record Client(
    WorkloadView view,
    String cluster,
    String network,
    String locality,
    String node,
    AddressFamily family,
    Optional<Sidecar> sidecar) {
  /** One that sees all that its namespace may see. */
  static Client of(WorkloadInstance workload, WorkloadView view, ServiceRegistry services) {
    return new Client(
        view,
        workload.cluster(),
        services.networkOf(workload),
        workload.locality(),
        workload.node(),
        AddressFamily.of(workload.address()),
        Optional.empty());
  }

  Client within(Optional<Sidecar> reach) {
    return new Client(view, cluster, network, locality, node, family, reach);
  }

  String namespace() {
    return view.namespace();
  }

  /** Its labels, and where it is by Istio's names. */
  Map<String, String> allLabels() {
    Map<String, String> all = new HashMap<>(view.labels());
    all.put("topology.istio.io/cluster", cluster);
    all.put("topology.istio.io/network", network);
    all.put("topology.kubernetes.io/region", Places.region(locality));
    all.put("topology.kubernetes.io/zone", Places.zone(locality));
    all.put("topology.istio.io/subzone", Places.subzone(locality));
    all.put(Places.NODE, node);
    return all;
  }

  Client withoutLabels() {
    return labelled(new WorkloadView(namespace(), Map.of()), sidecar);
  }

  /** All that decides where its calls go, beside the rules of its namespace. */
  Client ofAnyNamespace() {
    return labelled(new WorkloadView("", view.labels()), Optional.empty());
  }

  private Client labelled(WorkloadView as, Optional<Sidecar> within) {
    return new Client(as, cluster, network, locality, node, family, within);
  }

  Client withoutLocality() {
    return new Client(view, cluster, network, "", node, family, sidecar);
  }

  Client withoutNode() {
    return new Client(view, cluster, network, locality, "", family, sidecar);
  }

  /** All that decides what it calls, wherever that is. */
  Client anywhere() {
    return withoutLocality().withoutNode();
  }
}
