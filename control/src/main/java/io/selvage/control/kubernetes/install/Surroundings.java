package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ServiceReference;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.MeshSettingsMap;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is in a cluster that matters to an installation.
 *
 * @param kubernetes the API server's version, such as {@code v1.36.3}
 * @param isNewEnough whether the API server has all that is used of it, as {@link #OLDEST} has
 * @param istiods control planes of Istio's, as {@code namespace/name}
 * @param injectors webhook configurations by which others inject sidecars
 * @param authority where the CA comes from that is there: a Secret's name; empty: there is none
 * @param settings what the ConfigMap {@code istio} of the mesh's settings says; empty: there is
 *     none
 * @param ofRevisions ConfigMaps in its place that hold settings for a revision of Istio
 * @param installed the Selvage that is there
 * @param elsewhere another namespace in which the control plane is that the cluster's webhooks ask
 */
public record Surroundings(
    String kubernetes,
    boolean isNewEnough,
    List<String> istiods,
    List<String> injectors,
    Optional<String> authority,
    Optional<Settings> settings,
    List<String> ofRevisions,
    Optional<Installed> installed,
    Optional<String> elsewhere) {
  /** The oldest Kubernetes that has all that is used of it. */
  public static final String OLDEST = "1.28";

  /**
   * A Selvage that is installed.
   *
   * @param version of it; empty when its Deployment doesn't say
   * @param settings that it was installed with
   */
  public record Installed(String version, InstallSettings settings) {}

  /**
   * What of the mesh's settings matters to an installation.
   *
   * @param trustDomain after which identities are named
   * @param rootNamespace whose policies are the whole mesh's
   */
  public record Settings(String trustDomain, String rootNamespace) {}

  public Surroundings {
    istiods = List.copyOf(istiods);
    injectors = List.copyOf(injectors);
    ofRevisions = List.copyOf(ofRevisions);
  }

  /**
   * Looks.
   *
   * @param namespace the control plane's
   */
  public static Surroundings of(KubernetesClient client, String namespace) {
    return new Surroundings(
        client.getKubernetesVersion().getGitVersion().replaceFirst("\\+.*", ""),
        isNewEnough(client),
        client
            .apps()
            .deployments()
            .inAnyNamespace()
            .withLabel("app", "istiod")
            .list()
            .getItems()
            .stream()
            .map(Surroundings::place)
            .toList(),
        injectors(client),
        Stream.of("cacerts", "istio-ca-secret")
            .filter(name -> secret(client, namespace, name).isPresent())
            .findFirst(),
        settings(client, namespace),
        MeshSettingsMap.ofRevisions(client, namespace).stream()
            .map(map -> map.getMetadata().getName())
            .toList(),
        deployed(client, namespace),
        asked(client).filter(where -> !where.equals(namespace)));
  }

  /**
   * The namespace of the control plane that the cluster's webhooks ask: there is one set of them,
   * with the roles, in a cluster, so there is one Selvage.
   */
  static Optional<String> asked(KubernetesClient client) {
    return Optional.ofNullable(
            client
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(Manifest.INJECTOR)
                .get())
        .flatMap(found -> found.getWebhooks().stream().findFirst())
        .map(hook -> hook.getClientConfig().getService())
        .map(ServiceReference::getNamespace);
  }

  /** By the latest that came of it: the review by which a user is told who it is. */
  private static boolean isNewEnough(KubernetesClient client) {
    APIResourceList served = client.getApiResources("authentication.k8s.io/v1");
    return served != null
        && served.getResources().stream()
            .anyMatch(resource -> resource.getName().equals("selfsubjectreviews"));
  }

  /** Empty also when it cannot be read: the control plane says why. */
  private static Optional<Settings> settings(KubernetesClient client, String namespace) {
    try {
      return MeshSettingsMap.find(client, namespace)
          .map(mesh -> new Settings(mesh.trustDomain(), mesh.rootNamespace()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String place(HasMetadata object) {
    return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
  }

  private static Optional<Secret> secret(KubernetesClient client, String namespace, String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  /** The names by which the Selvage that is there is asked for, beside its own. */
  public static List<String> revisionTags(KubernetesClient client, String namespace) {
    return deployed(client, namespace)
        .map(there -> there.settings().texts(Setting.REVISION_TAGS))
        .orElse(List.of());
  }

  private static Optional<Installed> deployed(KubernetesClient client, String namespace) {
    return Optional.ofNullable(
            client.apps().deployments().inNamespace(namespace).withName("selvage").get())
        .map(Surroundings::installed);
  }

  /** Istio's injectors: those of revisions and tags, too, are told by this label. */
  public static List<String> injectors(KubernetesClient client) {
    return client
        .admissionRegistration()
        .v1()
        .mutatingWebhookConfigurations()
        .withLabel("app", "sidecar-injector")
        .list()
        .getItems()
        .stream()
        .map(MutatingWebhookConfiguration::getMetadata)
        .map(metadata -> metadata.getName())
        .toList();
  }

  private static Installed installed(Deployment deployment) {
    Map<String, String> annotations = deployment.getMetadata().getAnnotations();
    Map<String, String> labels = deployment.getMetadata().getLabels();
    String settings = annotations == null ? null : annotations.get(Manifest.SETTINGS);
    String version = labels == null ? null : labels.get(Manifest.VERSION);
    return new Installed(
        version == null ? "" : version,
        settings == null ? InstallSettings.DEFAULTS : InstallSettings.recalled(settings));
  }

  /** Whether no other injector acts on Istio's labels. */
  public boolean istioLabelsAreFree() {
    return injectors.isEmpty();
  }
}
