package io.selvage.it.cluster;

import java.util.List;

/** One mesh of ours in two clusters on two networks: one command, and a gateway for each. */
public final class SelvageOfTwo {
  private SelvageOfTwo() {}

  /**
   * Loads our image, installs it with its gateways, and does for their Services what a cloud's load
   * balancers would do.
   *
   * @return what the command said
   */
  public static String into(ClusterPair pair) {
    List<KubernetesCluster> both = List.of(pair.east(), pair.west());
    for (KubernetesCluster cluster : both) {
      cluster.load(SelvageImage.archive());
    }
    String said =
        new Selvage(pair.kubeconfig())
            .run(
                "install",
                "--context=east",
                "--context=west",
                "--network=east=east",
                "--network=west=west",
                "--gateway",
                "--image=" + SelvageImage.NAME,
                "--yes")
            .well()
            .out();
    for (KubernetesCluster cluster : both) {
      cluster.assignLoadBalancer("istio-system", "istio-eastwestgateway");
    }
    return said;
  }
}
