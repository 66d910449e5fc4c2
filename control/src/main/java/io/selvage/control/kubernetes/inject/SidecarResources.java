package io.selvage.control.kubernetes.inject;

import java.util.Optional;
import java.util.function.BiPredicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code resources} of both containers: quantities as Kubernetes writes them, empty where there is
 * none.
 */
public record SidecarResources(
    Optional<String> cpuRequest,
    Optional<String> memoryRequest,
    Optional<String> cpuLimit,
    Optional<String> memoryLimit) {
  /** The request is what an idle sidecar of a small mesh was measured to hold (ADR 6). */
  public static final SidecarResources STANDARD =
      new SidecarResources(
          Optional.of("100m"), Optional.of("192Mi"), Optional.of("2"), Optional.of("1Gi"));

  /** In place of a quantity: there is none. */
  private static final String WITHOUT = "none";

  /** What an idle sidecar was measured to hold, and a third of it for what it carries. */
  private static final Quantity LEAST_MEMORY = Quantity.of("256Mi");

  /**
   * @throws IllegalArgumentException saying, by the name of its option, which is no quantity, or is
   *     requested above its limit
   */
  public SidecarResources {
    check("--sidecar-cpu", cpuRequest, cpuLimit);
    check("--sidecar-memory", memoryRequest, memoryLimit);
  }

  /**
   * What was chosen, {@code none} for none, and the standard for the rest, which gives way to it: a
   * request is no more than a limit that was chosen, and a limit no less than a request.
   *
   * @throws IllegalArgumentException as the constructor does
   */
  public static SidecarResources chosen(
      Optional<String> cpuRequest,
      Optional<String> memoryRequest,
      Optional<String> cpuLimit,
      Optional<String> memoryLimit) {
    return new SidecarResources(
        chosen(cpuRequest, STANDARD.cpuRequest, cpuLimit, SidecarResources::isLess),
        chosen(memoryRequest, STANDARD.memoryRequest, memoryLimit, SidecarResources::isLess),
        chosen(cpuLimit, STANDARD.cpuLimit, cpuRequest, SidecarResources::isMore),
        chosen(memoryLimit, STANDARD.memoryLimit, memoryRequest, SidecarResources::isMore));
  }

  private static Optional<String> chosen(
      Optional<String> own,
      Optional<String> standard,
      Optional<String> other,
      BiPredicate<Quantity, Quantity> givesWayTo) {
    if (own.isPresent()) {
      return own.filter(text -> !text.equals(WITHOUT));
    }
    return standard.map(
        text ->
            other
                .filter(
                    one ->
                        parsed(one).filter(q -> givesWayTo.test(q, Quantity.of(text))).isPresent())
                .orElse(text));
  }

  private static boolean isLess(Quantity chosen, Quantity standard) {
    return chosen.isLessThan(standard);
  }

  private static boolean isMore(Quantity chosen, Quantity standard) {
    return standard.isLessThan(chosen);
  }

  /** Empty: none, or no quantity, which the constructor tells by the name of its option. */
  private static Optional<Quantity> parsed(String text) {
    try {
      return text.equals(WITHOUT) ? Optional.empty() : Optional.of(Quantity.of(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void check(String what, Optional<String> request, Optional<String> limit) {
    Optional<Quantity> least = quantity(what + "-request", request);
    Optional<Quantity> most = quantity(what + "-limit", limit);
    if (least.isPresent() && most.isPresent() && most.get().isLessThan(least.get())) {
      throw new IllegalArgumentException(
          "%s-request %s is more than %s-limit %s".formatted(what, least.get(), what, most.get()));
    }
  }

  private static Optional<Quantity> quantity(String name, Optional<String> text) {
    try {
      return text.map(Quantity::of);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  /**
   * As annotated, or the installation's where nothing is. Istio's rule: one annotation takes the
   * place of all defaults.
   */
  static ObjectNode read(AnnotationReader from, SidecarResources installations) {
    ObjectNode annotated =
        json(
            from.quantity(Annotation.CPU),
            from.quantity(Annotation.MEMORY),
            from.quantity(Annotation.CPU_LIMIT),
            from.quantity(Annotation.MEMORY_LIMIT));
    return annotated.isEmpty()
        ? json(
            installations.cpuRequest,
            installations.memoryRequest,
            installations.cpuLimit,
            installations.memoryLimit)
        : annotated;
  }

  private static ObjectNode json(
      Optional<String> cpu,
      Optional<String> memory,
      Optional<String> cpuLimit,
      Optional<String> memoryLimit) {
    ObjectNode all = PodJson.object();
    put(all, "requests", "cpu", cpu);
    put(all, "requests", "memory", memory);
    put(all, "limits", "cpu", cpuLimit);
    put(all, "limits", "memory", memoryLimit);
    return all;
  }

  private static void put(ObjectNode all, String which, String what, Optional<String> quantity) {
    quantity.ifPresent(text -> PodJson.objectAt(all, which).put(what, text));
  }

  /**
   * What to tell of a sidecar whose memory limit, by whomever it was set, is likely to have the
   * kernel end it.
   */
  static Optional<String> tooSmall(JsonNode container) {
    JsonNode limit = container.path("resources").path("limits").path("memory");
    if (!limit.isValueNode() || limit.isNull()) {
      return Optional.empty();
    }
    try {
      Quantity most = Quantity.of(limit.asString());
      return most.isLessThan(LEAST_MEMORY)
          ? Optional.of(
              "container %s: a memory limit of %s is less than %s: an idle sidecar takes some 190 MB"
                  .formatted(PodJson.PROXY, most, LEAST_MEMORY))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the API server says so of a container that the user wrote
    }
  }
}
