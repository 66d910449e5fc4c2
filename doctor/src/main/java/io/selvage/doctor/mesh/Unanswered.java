package io.selvage.doctor.mesh;

import io.selvage.doctor.Results;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Proxies that showed nothing: what is said of "all proxies" is not said of them. */
public record Unanswered(List<ProxyView> proxies) {
  private static final int SOME = 3;

  public Unanswered {
    proxies = List.copyOf(proxies);
  }

  /** Those of a cluster. */
  public static Unanswered of(ClusterEvidence cluster) {
    return of(cluster.proxies().found().orElse(List.of()));
  }

  /** Those among some. */
  public static Unanswered of(List<ProxyView> proxies) {
    return new Unanswered(proxies.stream().filter(Unanswered::isSilent).toList());
  }

  private static boolean isSilent(ProxyView proxy) {
    return proxy.configDump() instanceof Look.Unseen && proxy.certificates() instanceof Look.Unseen;
  }

  /** Why, the most frequent first, each with how often. */
  public List<String> reasons() {
    var counted = new TreeMap<String, Integer>();
    for (ProxyView proxy : proxies) {
      if (proxy.certificates() instanceof Look.Unseen<JsonNode>(String why, Optional<String> _)) {
        counted.merge(why.replaceFirst("^port \\d+ of Pod \\S+: ", ""), 1, Integer::sum);
      }
    }
    List<String> all = new ArrayList<>();
    counted.entrySet().stream()
        .sorted((one, other) -> other.getValue() - one.getValue())
        .forEach(each -> all.add("%d of them: %s".formatted(each.getValue(), each.getKey())));
    return Stream.concat(
            all.stream().limit(SOME),
            all.size() > SOME ? Stream.of("and other reasons") : Stream.empty())
        .toList();
  }

  /**
   * Says so.
   *
   * @param what was to be seen of them
   */
  public void tell(String what, Results results) {
    if (!proxies.isEmpty()) {
      results.unknown(
          "%s of %d proxies were not seen: they showed nothing (SLV1006 says why)"
              .formatted(what, proxies.size()));
    }
  }
}
