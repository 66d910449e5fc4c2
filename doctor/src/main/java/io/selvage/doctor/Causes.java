package io.selvage.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which finding explains which: who mends the first is rid of the second. A finding is explained by
 * one of the same cluster, and where both name Pods, by one that is about the same. The table has
 * no circles: whatever is explained is under something.
 */
final class Causes {
  /** By code: what explains it, the likeliest first. */
  private static final Map<String, List<String>> OF =
      Map.ofEntries(
          Map.entry("SLV0005", List.of("SLV0001")),
          Map.entry("SLV1004", List.of("SLV0005")),
          Map.entry("SLV1005", List.of("SLV1004", "SLV8001")),
          Map.entry("SLV1006", List.of("SLV5004", "SLV7002", "SLV0005")),
          Map.entry("SLV1007", List.of("SLV5004", "SLV7002", "SLV0005")),
          Map.entry("SLV1010", List.of("SLV5003", "SLV5002", "SLV5001", "SLV0005")),
          Map.entry("SLV2001", List.of("SLV2006", "SLV2003", "SLV2005")),
          Map.entry("SLV2005", List.of("SLV7001")),
          Map.entry("SLV2007", List.of("SLV1008")),
          Map.entry("SLV2011", List.of("SLV3002", "SLV1004", "SLV8001")),
          Map.entry("SLV2012", List.of("SLV2004", "SLV1005", "SLV1004", "SLV8001")),
          Map.entry("SLV3002", List.of("SLV0005")),
          Map.entry("SLV3003", List.of("SLV6001")),
          Map.entry("SLV3004", List.of("SLV3002", "SLV0005")),
          Map.entry("SLV4001", List.of("SLV4011", "SLV4003", "SLV4007")),
          Map.entry("SLV4002", List.of("SLV4004", "SLV4008", "SLV4011")),
          Map.entry("SLV4009", List.of("SLV4008")),
          Map.entry("SLV4011", List.of("SLV7001")),
          Map.entry("SLV4013", List.of("SLV4004", "SLV4008")),
          Map.entry("SLV5003", List.of("SLV5001", "SLV5002")),
          Map.entry("SLV5004", List.of("SLV5001", "SLV5002", "SLV5003", "SLV0004")),
          Map.entry("SLV6001", List.of("SLV6003", "SLV6002")),
          Map.entry("SLV7001", List.of("SLV7002", "SLV0005")),
          Map.entry("SLV7002", List.of("SLV0005")),
          Map.entry("SLV8004", List.of("SLV8002", "SLV8003")));

  /** Checks between clusters: what is wrong in one is felt in another. */
  private static final String BETWEEN = "SLV8";

  private static final int NONE = -1;

  private Causes() {}

  /** By code, what explains it. */
  static Map<String, List<String>> table() {
    return OF;
  }

  /** {@code findings} with each that is explained put under what explains it. */
  static List<Finding> grouped(List<Finding> findings) {
    var under = new TreeMap<Integer, List<Integer>>();
    for (int i = 0; i < findings.size(); i++) {
      under.computeIfAbsent(cause(findings.get(i), findings), _ -> new ArrayList<>()).add(i);
    }
    return below(NONE, findings, under);
  }

  private static List<Finding> below(
      int cause, List<Finding> all, Map<Integer, List<Integer>> under) {
    return under.getOrDefault(cause, List.of()).stream()
        .map(
            i ->
                new Finding(
                    all.get(i).result(),
                    all.get(i).check(),
                    below(i, all, under),
                    all.get(i).ignored()))
        .toList();
  }

  /** The place of what explains {@code finding}; {@link #NONE} for nothing. */
  private static int cause(Finding finding, List<Finding> all) {
    if (finding.isOpen()) {
      for (String code : OF.getOrDefault(finding.result().code(), List.of())) {
        for (int i = 0; i < all.size(); i++) {
          Finding other = all.get(i);
          if (other.result().code().equals(code)
              && other.isOpen()
              && other.result().status().compareTo(finding.result().status()) >= 0
              && touches(other.result(), finding.result())) {
            return i;
          }
        }
      }
    }
    return NONE;
  }

  private static boolean touches(Result cause, Result effect) {
    boolean between = cause.code().startsWith(BETWEEN) && effect.code().startsWith(BETWEEN);
    if (!between
        && cause.context().isPresent()
        && effect.context().isPresent()
        && !cause.context().equals(effect.context())) {
      return false;
    }
    var causes = pods(cause);
    var effects = pods(effect);
    return causes.isEmpty() || effects.isEmpty() || causes.stream().anyMatch(effects::contains);
  }

  /** The workloads that a result is about: only they tell one finding of a kind from another. */
  private static List<ObjectRef> pods(Result result) {
    return result.objects().stream().filter(one -> one.kind().equals("Pod")).toList();
  }
}
