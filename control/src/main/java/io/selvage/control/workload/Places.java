package io.selvage.control.workload;

/**
 * Where things are: the parts of a locality {@code region/zone/subzone}, of which what is not said
 * is empty, and nodes.
 */
public final class Places {
  /** The label that names a node. */
  public static final String NODE = "kubernetes.io/hostname";

  private Places() {}

  /** The region of a locality. */
  public static String region(String locality) {
    return part(locality, 0);
  }

  /** The zone of a locality. */
  public static String zone(String locality) {
    return part(locality, 1);
  }

  /** The subzone of a locality. */
  public static String subzone(String locality) {
    return part(locality, 2);
  }

  private static String part(String locality, int which) {
    String[] parts = locality.split("/", 3);
    return parts.length > which ? parts[which] : "";
  }
}
