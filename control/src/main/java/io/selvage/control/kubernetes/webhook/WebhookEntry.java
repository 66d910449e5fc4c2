package io.selvage.control.kubernetes.webhook;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * One webhook of a configuration that names this control plane.
 *
 * @param name of the webhook, by which the API server knows it
 * @param bundle the {@code caBundle}; empty when there is none
 */
record WebhookEntry(String name, Optional<byte[]> bundle) {
  private static final Set<String> NAMES = Set.of(CaBundles.INJECTOR, CaBundles.VALIDATOR);
  private static final String SERVICE = "selvage";

  /**
   * Those webhooks of a configuration that this control plane answers: the ones that call its
   * Service, and in a configuration that has its name or its label ({@code app: selvage}) those
   * that call a URL.
   *
   * @param home the control plane's namespace
   */
  static List<WebhookEntry> ours(JsonNode configuration, String home) {
    boolean isNamed =
        NAMES.contains(configuration.path("metadata").path("name").asString(""))
            || configuration
                .path("metadata")
                .path("labels")
                .path("app")
                .asString("")
                .equals(SERVICE);
    List<WebhookEntry> found = new ArrayList<>();
    for (JsonNode webhook : configuration.path("webhooks")) {
      JsonNode to = webhook.path("clientConfig");
      boolean callsUs =
          to.path("service").path("name").asString("").equals(SERVICE)
              && to.path("service").path("namespace").asString("").equals(home);
      if (callsUs || (isNamed && to.has("url"))) {
        found.add(
            new WebhookEntry(webhook.path("name").asString(""), decoded(to.path("caBundle"))));
      }
    }
    return found;
  }

  private static Optional<byte[]> decoded(JsonNode bundle) {
    String text = bundle.asString("");
    return text.isEmpty() ? Optional.empty() : Optional.of(Base64.getDecoder().decode(text));
  }
}
