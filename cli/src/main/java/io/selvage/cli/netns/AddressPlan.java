package io.selvage.cli.netns;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who gets which IPv4 address: a /16 of pods and a /16 of services for each cluster, handed out in
 * order. The addresses exist only inside the mesh's namespaces, so they never meet the host's own.
 */
public final class AddressPlan {

  private static final int FIRST_PODS = 80;
  private static final int FIRST_SERVICES = 180;
  private static final int MAX_CLUSTERS = 60;
  private static final int FIRST_HOST = 10;
  private static final int LAST_HOST = 65_000;

  private final List<String> clusters;
  private final Map<String, Integer> pods = new HashMap<>();
  private final Map<String, Integer> services = new HashMap<>();

  /** A plan for {@code clusters}, at most 60 of them. */
  public AddressPlan(List<String> clusters) {
    if (clusters.size() > MAX_CLUSTERS) {
      throw new IllegalArgumentException(
          "at most " + MAX_CLUSTERS + " clusters fit on one machine, not " + clusters.size());
    }
    this.clusters = List.copyOf(clusters);
  }

  /** The bridge's own address, the pods' default route. */
  public String gateway(String cluster) {
    return "10.%d.0.1".formatted(FIRST_PODS + index(cluster));
  }

  /** The next free pod address of {@code cluster}. */
  public synchronized String nextPod(String cluster) {
    return address(FIRST_PODS + index(cluster), pods.merge(cluster, 1, Integer::sum));
  }

  /** The next free service address of {@code cluster}. */
  public synchronized String nextService(String cluster) {
    return address(FIRST_SERVICES + index(cluster), services.merge(cluster, 1, Integer::sum));
  }

  private static String address(int second, int ordinal) {
    int host = FIRST_HOST + ordinal - 1;
    if (host > LAST_HOST) {
      throw new IllegalStateException("no addresses left in 10." + second + ".0.0/16");
    }
    return "10.%d.%d.%d".formatted(second, host >> 8, host & 0xff);
  }

  private int index(String cluster) {
    int index = clusters.indexOf(cluster);
    if (index < 0) {
      throw new IllegalArgumentException("no such cluster: " + cluster);
    }
    return index;
  }
}
