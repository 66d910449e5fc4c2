package io.selvage.it.cluster;

import java.util.List;

/** One mesh of ours in two clusters on two networks: one command, and a gateway for each. */
public final class SelvageOfTwo {
  private SelvageOfTwo() {}

  /** Loads our image and installs it; the gateways come up by themselves. */
  public static void into(ClusterPair pair) {
    var selvage = new Selvage(pair.kubeconfig());
    for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
      cluster.load(SelvageImage.archive());
    }
    selvage
        .run(
            "install",
            "--context=east",
            "--context=west",
            "--network=east=east",
            "--network=west=west",
            "--image=" + SelvageImage.NAME,
            "--yes")
        .well();
    for (KubernetesCluster cluster : List.of(pair.east(), pair.west())) {
      gateway(selvage, cluster);
    }
  }

  /** The cluster's gateway, and for its Service what a cloud's load balancers would do. */
  private static void gateway(Selvage selvage, KubernetesCluster cluster) {
    String objects =
        selvage
            .run(
                "manifest",
                "--gateway",
                "--network=" + cluster.context(),
                "--cluster-id=" + cluster.context(),
                "--image=" + SelvageImage.NAME)
            .well()
            .out();
    cluster.kubectl().apply(objects);
    cluster.assignLoadBalancer("istio-system", "istio-eastwestgateway");
  }
}
