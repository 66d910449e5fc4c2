package io.selvage.cli.netns;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who gets which IPv4 address: a /16 of pods and a /16 of services for each cluster, handed out in
 * order. Those of 10.0.0.0/8 exist only inside the mesh's namespaces, so they never meet the host's
 * own; without namespaces they are loopback addresses.
 */
public final class AddressPlan {

  private static final int FIRST_PODS = 80;
  private static final int FIRST_APPLICATIONS = 180;
  private static final int MAX_CLUSTERS = 60;
  private static final int FIRST_HOST = 10;
  private static final int LAST_HOST = 65_000;
  private static final int HOSTS_OF_A_SLOT = 1_000;

  /** How many meshes find room on one machine's loopback. */
  public static final int SLOTS = LAST_HOST / HOSTS_OF_A_SLOT;

  private final List<String> clusters;
  private final Map<String, Integer> pods = new HashMap<>();
  private final int network;
  private final int first;

  /** A plan of namespaces' own addresses for {@code clusters}, at most 60 of them. */
  public static AddressPlan inNamespaces(List<String> clusters) {
    return new AddressPlan(10, clusters, 0);
  }

  /**
   * A plan of loopback addresses for {@code clusters}, at most 60 of them.
   *
   * @param slot from 0 below {@link #SLOTS}; two meshes of one machine must not have the same
   */
  public static AddressPlan onLoopback(List<String> clusters, int slot) {
    return new AddressPlan(127, clusters, slot);
  }

  private AddressPlan(int network, List<String> clusters, int slot) {
    if (clusters.size() > MAX_CLUSTERS) {
      throw new IllegalArgumentException(
          "at most " + MAX_CLUSTERS + " clusters fit on one machine, not " + clusters.size());
    }
    this.clusters = List.copyOf(clusters);
    this.network = network;
    this.first = FIRST_HOST + slot * HOSTS_OF_A_SLOT;
  }

  /** The bridge's own address, the pods' default route. */
  public String gateway(String cluster) {
    return "%d.%d.0.1".formatted(network, FIRST_PODS + index(cluster));
  }

  /** The first pod address of the first cluster: in use as long as there is a mesh in the slot. */
  public String firstPod() {
    return address(FIRST_PODS, 1);
  }

  /** The next free pod address of {@code cluster}. */
  public synchronized String nextPod(String cluster) {
    return address(FIRST_PODS + index(cluster), pods.merge(cluster, 1, Integer::sum));
  }

  /**
   * Where the application behind a pod's address listens when both are on loopback: the same
   * address, a hundred networks on.
   */
  public static String application(String pod) {
    String[] parts = pod.split("\\.", -1);
    parts[1] = Integer.toString(Integer.parseInt(parts[1]) - FIRST_PODS + FIRST_APPLICATIONS);
    return String.join(".", parts);
  }

  private String address(int second, int ordinal) {
    int host = first + ordinal - 1;
    if (host > LAST_HOST) {
      throw new IllegalStateException("no addresses left in " + network + "." + second + ".0.0/16");
    }
    return "%d.%d.%d.%d".formatted(network, second, host >> 8, host & 0xff);
  }

  private int index(String cluster) {
    int index = clusters.indexOf(cluster);
    if (index < 0) {
      throw new IllegalArgumentException("no such cluster: " + cluster);
    }
    return index;
  }
}
