package io.selvage.model;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which endpoints of a service its clients go to first ({@code spec.trafficDistribution} of a
 * Service, or Istio's annotation on a Service, a ServiceEntry or their namespace).
 */
public enum TrafficDistribution {
  /** All are alike. */
  ANY,
  /** Those in the client's network and region and zone, then those in its region, then others. */
  SAME_ZONE,
  /** The same, and of those in its zone first the ones in its subzone and on its node. */
  SAME_NODE;

  static final String ANNOTATION = "networking.istio.io/traffic-distribution";

  /** By the small letters of what is written. */
  private static final Map<String, TrafficDistribution> WORDS =
      Map.of(
          "preferclose", SAME_ZONE,
          "prefersamezone", SAME_ZONE,
          "prefersamenode", SAME_NODE);

  /** What the field says in Kubernetes' words, and an annotation where it says none of them. */
  static Optional<TrafficDistribution> written(
      Optional<String> field, Map<String, String> annotations) {
    return field
        .map(word -> WORDS.get(word.toLowerCase(Locale.ROOT)))
        .or(() -> annotated(annotations));
  }

  /**
   * What an annotation says, in small or large letters; a word that it is not says {@link #ANY}.
   */
  static Optional<TrafficDistribution> annotated(Map<String, String> annotations) {
    return Optional.ofNullable(annotations.get(ANNOTATION))
        .filter(word -> !word.isEmpty())
        .map(word -> WORDS.getOrDefault(word.toLowerCase(Locale.ROOT), ANY));
  }

  /** Warns of an annotation with a word that means nothing. */
  static void check(ObjectMeta meta, Fields top) {
    String word = meta.annotations().getOrDefault(ANNOTATION, "");
    if (annotated(meta.annotations()).filter(ANY::equals).isPresent()) {
      top.warning(
          ProblemCodes.BAD_VALUE,
          "metadata",
          "annotation %s: \"%s\" is not one of PreferClose, PreferSameZone, PreferSameNode; all endpoints are alike"
              .formatted(ANNOTATION, word));
    }
  }
}
