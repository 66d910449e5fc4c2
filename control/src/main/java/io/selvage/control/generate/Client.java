package io.selvage.control.generate;

import io.selvage.control.workload.Places;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.WorkloadView;
import java.util.HashMap;
import java.util.Map;

/**
 * A workload as the caller of others: all that decides what it sees of the mesh.
 *
 * @param view its namespace, and its labels where they matter
 * @param cluster id of the cluster that it is in
 * @param network where it is; empty: not said
 * @param locality {@code region/zone/subzone}; empty where it does not matter or is unknown
 * @param family of its address
 */
record Client(
    WorkloadView view, String cluster, String network, String locality, AddressFamily family) {
  static Client of(WorkloadInstance workload, ServiceRegistry services) {
    return new Client(
        workload.view(),
        workload.cluster(),
        services.networkOf(workload),
        workload.locality(),
        AddressFamily.of(workload.address()));
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
    return all;
  }

  Client withoutLabels() {
    return new Client(new WorkloadView(namespace(), Map.of()), cluster, network, locality, family);
  }

  /** All that decides where its calls go, beside the rules of its namespace. */
  Client ofAnyNamespace() {
    return new Client(new WorkloadView("", view.labels()), cluster, network, locality, family);
  }

  Client withoutLocality() {
    return new Client(view, cluster, network, "", family);
  }
}
