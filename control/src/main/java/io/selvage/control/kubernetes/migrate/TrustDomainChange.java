package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.migrate.RootChange.Done;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a mesh from one trust domain to the next, in the ConfigMap {@code istio}, which both
 * control planes read. Its settings alone say how far it is: an alias is added, alias and trust
 * domain change places, the alias is dropped.
 */
public final class TrustDomainChange {
  private final KubernetesClient client;
  private final String namespace;
  private final Surveyor surveyor;

  /**
   * @param namespace of the control planes
   */
  public TrustDomainChange(KubernetesClient client, String namespace, InstantSource clock) {
    this.client = client;
    this.namespace = namespace;
    this.surveyor = new Surveyor(client, namespace, clock);
  }

  /** Has everybody accept names of that trust domain; nobody has one yet. */
  public Done add(String domain, boolean dryRun) throws MigrationRefused {
    checked(domain);
    ConfigMap map = map();
    MeshSettings is = MeshSettings.of(Optional.of(map));
    if (is.trustDomain().equals(domain) || is.aliases().contains(domain)) {
      return Done.before(domain + " is accepted already", restart());
    }
    List<String> aliases = new ArrayList<>(is.aliases());
    aliases.add(domain);
    write(map, is.with(is.trustDomain(), aliases), dryRun);
    return new Done(List.of("accepts names of " + domain), true, restart());
  }

  /** Has workloads be named after {@code domain}; the former trust domain stays accepted. */
  public Done switchTo(String domain, boolean dryRun) throws MigrationRefused {
    ConfigMap map = map();
    MeshSettings is = MeshSettings.of(Optional.of(map));
    if (is.trustDomain().equals(domain)) {
      return Done.before("workloads are named after %s already".formatted(domain), restarts());
    }
    if (!is.aliases().contains(domain)) {
      throw new MigrationRefused(
          MigrationRefused.CUTS_OFF,
          "nobody accepts names of %s yet; run `selvage migrate trust-domain add %1$s`"
              .formatted(domain));
    }
    new Guards(surveyor.look()).accepted(domain);
    List<String> aliases = new ArrayList<>(is.aliases());
    aliases.remove(domain);
    aliases.add(is.trustDomain());
    write(map, is.with(domain, aliases), dryRun);
    return new Done(
        List.of(
            "names workloads after %s; names of %s are still accepted"
                .formatted(domain, is.trustDomain())),
        true,
        restarts());
  }

  /** Ends the acceptance of names of a former trust domain. */
  public Done drop(String domain, boolean dryRun) throws MigrationRefused {
    ConfigMap map = map();
    MeshSettings is = MeshSettings.of(Optional.of(map));
    if (is.trustDomain().equals(domain)) {
      throw new MigrationRefused(
          MigrationRefused.CUTS_OFF, "workloads are named after %s".formatted(domain));
    }
    if (!is.aliases().contains(domain)) {
      return Done.before("names of %s are not accepted".formatted(domain), List.of());
    }
    new Guards(surveyor.look()).nobodyIsNamed(domain, is.trustDomain());
    List<String> policies = policies(domain);
    if (!policies.isEmpty()) {
      throw new MigrationRefused(
          MigrationRefused.CUTS_OFF,
          "policies name principals of %s, which would match nobody: %s. Write %s/… in them"
              .formatted(domain, String.join(", ", policies), is.trustDomain()));
    }
    List<String> aliases = new ArrayList<>(is.aliases());
    aliases.remove(domain);
    write(map, is.with(is.trustDomain(), aliases), dryRun);
    return new Done(List.of("does not accept names of " + domain + " any more"), true, restart());
  }

  private static void checked(String domain) throws MigrationRefused {
    if (!domain.matches("[a-z0-9._-]{1,255}")) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH,
          "\"%s\" is no trust domain: small letters, digits, dots, hyphens, underscores"
              .formatted(domain));
    }
  }

  /** Policies whose text names a principal of the trust domain. */
  private List<String> policies(String domain) {
    List<String> naming = new ArrayList<>();
    for (GenericKubernetesResource policy : all()) {
      String text = client.getKubernetesSerialization().asJson(policy.get("spec"));
      if (text.contains("\"" + domain + "/ns/") || text.contains("\"" + domain + "\"")) {
        naming.add(policy.getMetadata().getNamespace() + "/" + policy.getMetadata().getName());
      }
    }
    return naming;
  }

  private List<GenericKubernetesResource> all() {
    return client
        .genericKubernetesResources("security.istio.io/v1", "AuthorizationPolicy")
        .inAnyNamespace()
        .list()
        .getItems();
  }

  private ConfigMap map() throws MigrationRefused {
    return MeshSettings.map(client, namespace)
        .orElseThrow(
            () ->
                new MigrationRefused(
                    MigrationRefused.NOT_SUCH,
                    "there is no ConfigMap istio in the namespace " + namespace));
  }

  /** Carries the version that was read, so that what somebody else wrote is never overwritten. */
  private void write(ConfigMap was, MeshSettings settings, boolean dryRun)
      throws KubernetesClientException {
    if (dryRun) {
      return;
    }
    Map<String, String> data = new HashMap<>(was.getData());
    data.put("mesh", settings.yaml());
    client
        .configMaps()
        .inNamespace(namespace)
        .resource(new ConfigMapBuilder(was).withData(data).build())
        .update();
  }

  private List<String> restart() {
    return List.of("kubectl -n %s rollout restart deployment istiod".formatted(namespace));
  }

  private List<String> restarts() {
    return List.of(
        "kubectl -n %s rollout restart deployment istiod".formatted(namespace),
        "kubectl -n NAMESPACE rollout restart deployment");
  }
}
