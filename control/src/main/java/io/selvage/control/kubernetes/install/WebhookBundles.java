package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code caBundle} of our webhooks: whether the API server can tell who answers. */
final class WebhookBundles {
  private final KubernetesClient client;
  private final List<String> wrong = new ArrayList<>();
  private int right;

  WebhookBundles(KubernetesClient client) {
    this.client = client;
  }

  Check check(TrustBundle roots) {
    MutatingWebhookConfiguration injector =
        client
            .admissionRegistration()
            .v1()
            .mutatingWebhookConfigurations()
            .withName(Manifest.INJECTOR)
            .get();
    ValidatingWebhookConfiguration validator =
        client
            .admissionRegistration()
            .v1()
            .validatingWebhookConfigurations()
            .withName(Manifest.VALIDATOR)
            .get();
    if (injector == null || validator == null) {
      return Check.failed("the webhook configurations are not there");
    }
    injector
        .getWebhooks()
        .forEach(hook -> look(hook.getName(), hook.getClientConfig().getCaBundle(), roots));
    validator
        .getWebhooks()
        .forEach(hook -> look(hook.getName(), hook.getClientConfig().getCaBundle(), roots));
    return wrong.isEmpty()
        ? Check.passed("the caBundle of all %d webhooks has the mesh's roots".formatted(right))
        : Check.failed(String.join("; ", wrong));
  }

  private void look(String webhook, @Nullable String bundle, TrustBundle roots) {
    if (bundle == null || bundle.isEmpty()) {
      wrong.add("webhook %s has no caBundle".formatted(webhook));
      return;
    }
    try {
      String pem = new String(Base64.getDecoder().decode(bundle), StandardCharsets.UTF_8);
      TrustBundle has = TrustBundle.parse(pem);
      if (roots.roots().stream().allMatch(has::contains)) {
        right++;
      } else {
        wrong.add(
            "the caBundle of webhook %s is of other roots: %s, not %s"
                .formatted(webhook, has.fingerprints(), roots.fingerprints()));
      }
    } catch (PkiException | IllegalArgumentException e) {
      wrong.add("the caBundle of webhook %s is no certificate".formatted(webhook));
    }
  }
}
