package io.selvage.control.kubernetes.inject;

import io.selvage.control.kubernetes.webhook.Admission;
import io.selvage.control.kubernetes.webhook.AdmissionResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The mutating webhook {@code /inject}: a Pod that is created is answered with what makes a sidecar
 * part of it. That it is asked about at all says that its namespace or the Pod wants one ({@link
 * InjectionSelectors}); what the Pod says is decided here. A Pod whose wishes can't be met is
 * refused: it would else run without the protection that was asked for.
 */
public final class InjectionAdmission implements Admission {
  private static final Logger LOG = LoggerFactory.getLogger(InjectionAdmission.class);
  private static final int UNPROCESSABLE = 422;

  private final Supplier<InjectionSettings> settings;

  /**
   * Injects from now on.
   *
   * @param settings asked for each time; called on many threads
   */
  public InjectionAdmission(Supplier<InjectionSettings> settings) {
    this.settings = settings;
  }

  @Override
  public ObjectNode review(ObjectNode request) {
    if (!(request.get("object") instanceof ObjectNode pod)
        || !PodJson.text(pod.path("kind")).orElse("Pod").equals("Pod")) {
      return refused("SLV7244 a webhook that injects is asked about Pods alone", List.of());
    }
    String namespace =
        PodJson.text(request.path("namespace"))
            .filter(text -> !text.isEmpty())
            .or(() -> PodJson.text(pod.path("metadata").path("namespace")))
            .orElse("");
    return switch (new Injector(settings.get()).inject(pod, namespace, Optional.empty())) {
      case Injector.Outcome.Injected(ObjectNode injected, List<String> warnings) -> {
        warnings.forEach(warning -> LOG.info("SLV7242 {}: {}", name(pod, namespace), warning));
        yield AdmissionResponse.patched(
            JsonPatch.between(pod, injected), coded("SLV7242", warnings));
      }
      case Injector.Outcome.Left(String why, boolean told) -> {
        LOG.debug("{} gets no sidecar: {}", name(pod, namespace), why);
        yield AdmissionResponse.allowed(
            told ? List.of("SLV7241 left without a sidecar: " + why) : List.of());
      }
      case Injector.Outcome.Refused(List<String> problems) -> {
        LOG.warn("SLV7240 {} is refused: {}", name(pod, namespace), String.join("; ", problems));
        yield refused(
            "SLV7240 no sidecar can be injected: " + String.join("; ", problems), List.of());
      }
    };
  }

  private static List<String> coded(String code, List<String> warnings) {
    return warnings.stream().map(warning -> code + " " + warning).toList();
  }

  private static ObjectNode refused(String message, List<String> warnings) {
    return AdmissionResponse.refused(UNPROCESSABLE, "Invalid", message, warnings);
  }

  private static String name(JsonNode pod, String namespace) {
    JsonNode metadata = pod.path("metadata");
    return "Pod %s/%s"
        .formatted(
            namespace,
            PodJson.text(metadata.path("name"))
                .or(() -> PodJson.text(metadata.path("generateName")).map(start -> start + "…"))
                .orElse("?"));
  }
}
