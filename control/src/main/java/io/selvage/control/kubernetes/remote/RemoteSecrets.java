package io.selvage.control.kubernetes.remote;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.selvage.control.kubernetes.MeshSettingsMap;
import io.selvage.model.MeshConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes the Secrets by which clusters know one another, in the format of {@code istioctl
 * create-remote-secret}, so that an istiod takes them too.
 */
public final class RemoteSecrets {
  private static final String PREFIX = "istio-remote-secret-";
  private static final String CLUSTER = "networking.istio.io/cluster";
  private static final String FIELD_MANAGER = "selvage-remote-secret";
  private static final long YEAR = Duration.ofDays(365).toSeconds();
  private static final String AUTHORITY = "ca.crt";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String namespace;
  private final Reader reader;
  private final Duration patience;

  /**
   * A cluster that takes part.
   *
   * @param id its id in the mesh
   * @param client of somebody who may make ServiceAccounts, roles and Secrets in it
   * @param server the address of its API server as the others reach it; empty: as we do
   */
  public record Member(String id, KubernetesClient client, Optional<String> server) {}

  /**
   * What came of telling one cluster about another.
   *
   * @param of the cluster that the Secret names
   * @param to the cluster that has it
   * @param failure empty: it has
   */
  public record Outcome(String of, String to, Optional<String> failure) {}

  /**
   * For one mesh.
   *
   * @param namespace the control plane's, in each cluster
   * @param reader whose control planes the Secrets are for
   * @param patience how long a cluster may take to make a ServiceAccount's token
   */
  public RemoteSecrets(String namespace, Reader reader, Duration patience) {
    this.namespace = namespace;
    this.reader = reader;
    this.patience = patience;
  }

  /**
   * The Secret that tells others about a cluster; makes there what it needs: the reader's
   * ServiceAccount, its least permissions and its token. Can be repeated.
   *
   * @throws IOException when the cluster cannot be asked or refuses
   */
  public Secret of(Member member) throws IOException {
    try {
      KubernetesClient client = member.client();
      for (var object : new ReaderAccess(namespace, reader).objects()) {
        client.resource(object).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
      }
      Credentials credentials = credentials(client);
      return secret(
          member.id(),
          MeshSettingsMap.find(client, namespace).map(MeshConfig::trustDomain),
          kubeconfig(
              member.id(),
              member.server().orElse(client.getMasterUrl().toString().replaceAll("/+$", "")),
              credentials));
    } catch (KubernetesClientException e) {
      throw new IOException(
          "the cluster %s does not give a reader's credentials: %s"
              .formatted(member.id(), e.getMessage()),
          e);
    }
  }

  /**
   * Tells each cluster about each other one. What fails is told, and the others are told all the
   * same.
   */
  public List<Outcome> exchange(List<Member> members) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Member of : members) {
      String failure = null;
      @Nullable Secret secret = null;
      try {
        secret = of(of);
      } catch (IOException e) {
        failure = String.valueOf(e.getMessage());
      }
      for (Member to : members) {
        if (!to.id().equals(of.id())) {
          outcomes.add(
              new Outcome(
                  of.id(),
                  to.id(),
                  secret == null ? Optional.ofNullable(failure) : tell(secret, to)));
        }
      }
    }
    return List.copyOf(outcomes);
  }

  private static Optional<String> tell(Secret secret, Member to) {
    try {
      to.client()
          .secrets()
          .inNamespace(secret.getMetadata().getNamespace())
          .resource(secret)
          .fieldManager(FIELD_MANAGER)
          .forceConflicts()
          .serverSideApply();
      return Optional.empty();
    } catch (KubernetesClientException e) {
      return Optional.of(
          "the cluster %s does not take the Secret %s: %s"
              .formatted(to.id(), secret.getMetadata().getName(), e.getMessage()));
    }
  }

  /**
   * What a reader shows and trusts. {@link #toString} shows neither.
   *
   * @param authority PEM of the API server's CA
   */
  private record Credentials(String token, String authority) {
    @Override
    public String toString() {
      return "Credentials[]";
    }
  }

  /**
   * A token that does not run out, of a Secret of the ServiceAccount; where the cluster has no
   * controller that makes one, the longest that its API server gives.
   */
  private Credentials credentials(KubernetesClient client) throws IOException {
    Secret asked =
        new SecretBuilder()
            .withNewMetadata()
            .withName(tokenSecret())
            .withNamespace(namespace)
            .withAnnotations(Map.of("kubernetes.io/service-account.name", reader.account()))
            .endMetadata()
            .withType("kubernetes.io/service-account-token")
            .build();
    client.resource(asked).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
    try {
      Map<String, String> data =
          client
              .secrets()
              .inNamespace(namespace)
              .withName(tokenSecret())
              .waitUntilCondition(
                  RemoteSecrets::isFilled, patience.toMillis(), TimeUnit.MILLISECONDS)
              .getData();
      return new Credentials(
          decoded(data.getOrDefault("token", "")), decoded(data.getOrDefault(AUTHORITY, "")));
    } catch (KubernetesClientTimeoutException e) {
      return new Credentials(requested(client), authority(client));
    }
  }

  private String tokenSecret() {
    return reader.account() + "-token";
  }

  private static boolean isFilled(@Nullable Secret made) {
    return made != null
        && made.getData() != null
        && made.getData().keySet().containsAll(List.of("token", AUTHORITY));
  }

  private String requested(KubernetesClient client) {
    TokenRequest request =
        new TokenRequestBuilder().withNewSpec().withExpirationSeconds(YEAR).endSpec().build();
    return client
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(reader.account())
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }

  private String authority(KubernetesClient client) throws IOException {
    ConfigMap published =
        client.configMaps().inNamespace(namespace).withName("kube-root-ca.crt").get();
    if (published != null && published.getData() != null) {
      String pem = published.getData().get(AUTHORITY);
      if (pem != null) {
        return pem;
      }
    }
    String data = client.getConfiguration().getCaCertData();
    if (data != null) {
      return decoded(data);
    }
    String file = client.getConfiguration().getCaCertFile();
    if (file != null) {
      return Files.readString(Path.of(file));
    }
    throw new IOException("the cluster's own CA is not known, so that nobody could trust its API");
  }

  private static String decoded(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** JSON is YAML; each part is named as the cluster. */
  private static String kubeconfig(String id, String server, Credentials credentials) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("apiVersion", "v1");
    config.put("kind", "Config");
    config.put("preferences", Map.of());
    config.put(
        "clusters",
        List.of(
            named(
                id,
                "cluster",
                ordered(
                    "certificate-authority-data",
                    encoded(credentials.authority()),
                    "server",
                    server))));
    config.put("users", List.of(named(id, "user", Map.of("token", credentials.token()))));
    config.put("contexts", List.of(named(id, "context", ordered("cluster", id, "user", id))));
    config.put("current-context", id);
    return JSON.writeValueAsString(config);
  }

  private static Map<String, Object> named(String id, String what, Map<String, ?> value) {
    return ordered("name", id, what, value);
  }

  private static Map<String, Object> ordered(String one, Object is, String other, Object that) {
    Map<String, Object> both = new LinkedHashMap<>();
    both.put(one, is);
    both.put(other, that);
    return both;
  }

  private Secret secret(String id, Optional<String> trustDomain, String kubeconfig) {
    Map<String, String> annotations = new LinkedHashMap<>(Map.of(CLUSTER, id));
    trustDomain.ifPresent(domain -> annotations.put(RemoteClusters.TRUST_DOMAIN, domain));
    return new SecretBuilder()
        .withNewMetadata()
        .withName(PREFIX + id)
        .withNamespace(namespace)
        .withLabels(Map.of(RemoteClusters.LABEL, "true"))
        .withAnnotations(annotations)
        .endMetadata()
        .withType("Opaque")
        .withData(Map.of(id, encoded(kubeconfig)))
        .build();
  }
}
