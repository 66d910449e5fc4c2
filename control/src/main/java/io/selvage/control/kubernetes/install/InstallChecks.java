package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Looks whether an installation works: what a user would find out next, found out at once. */
public final class InstallChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration STEP = Duration.ofMillis(200);

  private final KubernetesClient client;
  private final String namespace;
  private final IssuanceTrial issuance;

  /**
   * Of one cluster.
   *
   * @param namespace the control plane's
   * @param issuance how a certificate is had
   */
  public InstallChecks(KubernetesClient client, String namespace, IssuanceTrial issuance) {
    this.client = client;
    this.namespace = namespace;
    this.issuance = issuance;
  }

  private interface Look {
    Check look() throws InterruptedException;
  }

  /** Looks at everything, whatever the one before came to. */
  public List<Check> run() throws InterruptedException {
    List<Check> all = new ArrayList<>();
    all.add(looked("replicas", this::replicas));
    all.add(looked("kinds", this::kinds));
    Check published = settled("roots", this::published);
    Optional<TrustBundle> roots = roots();
    if (roots.isEmpty()) {
      all.add(published);
      return all;
    }
    all.add(settled("webhooks", () -> new WebhookBundles(client).check(roots.get())));
    all.add(looked("a certificate", () -> issuance.check(roots.get())));
    all.add(settled("injection", () -> new InjectionTrial(client, namespace).check()));
    return all;
  }

  /** What the control plane does by itself once it is ready, for which it has a while. */
  private static Check settled(String what, Look look) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Check check = looked(what, look);
      if (check.outcome() == Check.Outcome.PASSED || System.nanoTime() >= end) {
        return check;
      }
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
    }
  }

  private static Check looked(String what, Look look) throws InterruptedException {
    try {
      return look.look();
    } catch (KubernetesClientException e) {
      return Check.unknown("%s: the API server: %s".formatted(what, Planner.words(e)));
    }
  }

  private Check replicas() {
    return new Rollout(client, namespace, "selvage")
        .missing()
        .map(Check::failed)
        .orElseGet(() -> Check.passed("all replicas are ready"));
  }

  private Check published() {
    return roots().isPresent()
        ? Check.passed("the roots are published")
        : Check.failed(
            "no roots in ConfigMap %s/%s: certificates and webhooks were not looked at"
                .formatted(namespace, RootCertificateMaps.NAME));
  }

  private Check kinds() {
    List<String> missing =
        Definition.ALL.stream()
            .filter(
                definition -> definition.versions().stream().noneMatch(v -> serves(definition, v)))
            .map(Definition::kind)
            .toList();
    return missing.isEmpty()
        ? Check.passed("Istio's kinds are served")
        : Check.failed("not served: " + String.join(", ", missing));
  }

  private boolean serves(Definition definition, String version) {
    APIResourceList served = client.getApiResources(definition.group() + "/" + version);
    return served != null
        && served.getResources().stream()
            .map(APIResource::getName)
            .anyMatch(definition.plural()::equals);
  }

  /** What the control plane has told the namespace's Pods to trust. */
  private Optional<TrustBundle> roots() {
    try {
      ConfigMap map =
          client.configMaps().inNamespace(namespace).withName(RootCertificateMaps.NAME).get();
      String pem = map == null ? null : map.getData().get("root-cert.pem");
      return pem == null ? Optional.empty() : Optional.of(TrustBundle.parse(pem));
    } catch (KubernetesClientException | PkiException e) {
      return Optional.empty();
    }
  }
}
