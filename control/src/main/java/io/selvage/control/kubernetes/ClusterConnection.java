package io.selvage.control.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How one cluster's API server is reached. */
public final class ClusterConnection {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int REQUEST_MILLIS = 10_000;
  private static final int RECONNECT_MILLIS = 200;

  private ClusterConnection() {}

  /**
   * A client of a cluster; nothing is sent yet.
   *
   * @param kubeconfig a file; empty: as {@code kubectl} finds it, or the Pod's own ServiceAccount
   * @param context of the file; empty: its current one
   * @throws IOException when there is no such file or context, or it makes no sense
   */
  public static KubernetesClient open(Optional<Path> kubeconfig, Optional<String> context)
      throws IOException {
    try {
      Config found =
          kubeconfig.isPresent()
              ? Config.fromKubeconfig(context.orElse(null), existing(kubeconfig.get()))
              : Config.autoConfigure(context.orElse(null));
      if (context.isPresent() && !isContext(found, context.get())) {
        throw new IOException("the kubeconfig has no context " + context.get());
      }
      return client(found);
    } catch (KubernetesClientException e) {
      throw new IOException("the kubeconfig cannot be used: " + why(e), e);
    }
  }

  /** The client's own words tell nothing where it passes on what a reader of files said. */
  private static String why(KubernetesClientException e) {
    Throwable first = e;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return String.valueOf(first.getMessage()).lines().findFirst().orElse("it makes no sense");
  }

  private static File existing(Path kubeconfig) throws IOException {
    if (!Files.isReadable(kubeconfig)) {
      throw new IOException("the kubeconfig " + kubeconfig + " cannot be read");
    }
    return kubeconfig.toFile();
  }

  private static boolean isContext(Config config, String context) {
    return config.getCurrentContext() != null
        && config.getCurrentContext().getName().equals(context);
  }

  /**
   * A client by a configuration that is whole; nothing is sent yet. Failures are told at once: each
   * caller has its own way to try again.
   */
  public static KubernetesClient client(Config found) {
    return open(
        new ConfigBuilder(found)
            .withConnectionTimeout(CONNECT_MILLIS)
            .withRequestTimeout(REQUEST_MILLIS)
            .withRequestRetryBackoffLimit(0)
            .withWatchReconnectInterval(RECONNECT_MILLIS)
            .withWatchReconnectLimit(-1)
            .build());
  }

  /**
   * Another client of the same API server, by connections of its own.
   *
   * @param limit for a request and for each connection
   */
  public static KubernetesClient another(KubernetesClient client, Duration limit) {
    int millis = Math.toIntExact(limit.toMillis());
    return open(
        new ConfigBuilder(client.getConfiguration())
            .withConnectionTimeout(millis)
            .withRequestTimeout(millis)
            .build());
  }

  /**
   * Another client of the same API server for those who keep many objects: who wrote which field is
   * passed over, which can be half of an object. What is written back without it keeps it.
   */
  public static KubernetesClient withoutWriters(KubernetesClient client) {
    return open(
        client.getConfiguration(),
        new ObjectMapper().addMixIn(ObjectMeta.class, WithoutWriters.class));
  }

  private static KubernetesClient open(Config config) {
    return open(config, new ObjectMapper());
  }

  private static KubernetesClient open(Config config, ObjectMapper mapper) {
    // It would load a thousand classes to know each kind by its name. Here it is told what to read.
    KubernetesSerialization json = new KubernetesSerialization(mapper, false);
    json.registerKubernetesResource("v1", "Status", Status.class);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new JdkHttpClientFactory())
        .withKubernetesSerialization(json)
        .build();
  }

  @JsonIgnoreProperties("managedFields")
  private interface WithoutWriters {}
}
