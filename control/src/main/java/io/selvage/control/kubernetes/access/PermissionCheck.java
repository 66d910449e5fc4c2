package io.selvage.control.kubernetes.access;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asks the API server what this control plane may do, one question for each verb ({@code
 * SelfSubjectAccessReview}): the answers of the authorizers themselves, whatever they are.
 */
public final class PermissionCheck {
  /** A permission is missing. */
  public static final String MISSING = "SLV6001";

  /** There are a hundred questions, and a second is long for a start. */
  private static final int AT_A_TIME = 8;

  private final KubernetesClient client;

  /** By the client's own user. */
  public PermissionCheck(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Asks.
   *
   * @throws KubernetesClientException when the API server does not answer
   */
  public MissingPermissions missing(List<Permission> needed) {
    List<Permission> missing = new ArrayList<>();
    try (var asking = Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory())) {
      List<Future<List<String>>> answers = new ArrayList<>();
      for (Permission permission : needed) {
        answers.add(asking.submit(() -> refused(permission)));
      }
      for (int i = 0; i < answers.size(); i++) {
        List<String> refused = answers.get(i).get();
        if (!refused.isEmpty()) {
          missing.add(needed.get(i).with(refused));
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KubernetesClientException refused
          ? refused
          : new KubernetesClientException("permissions cannot be asked for", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KubernetesClientException("interrupted while permissions were asked for", e);
    }
    return new MissingPermissions(missing.isEmpty() ? "" : user(), missing);
  }

  private List<String> refused(Permission permission) {
    return permission.verbs().stream().filter(verb -> !isAllowed(permission, verb)).toList();
  }

  private boolean isAllowed(Permission permission, String verb) {
    int slash = permission.resource().indexOf('/');
    String plural = slash < 0 ? permission.resource() : permission.resource().substring(0, slash);
    SelfSubjectAccessReview asked =
        new SelfSubjectAccessReviewBuilder()
            .withNewSpec()
            .withNewResourceAttributes()
            .withVerb(verb)
            .withGroup(permission.group())
            .withResource(plural)
            .withSubresource(slash < 0 ? "" : permission.resource().substring(slash + 1))
            .withNamespace(permission.namespace())
            .withName(permission.name())
            .endResourceAttributes()
            .endSpec()
            .build();
    return Boolean.TRUE.equals(
        client
            .authorization()
            .v1()
            .selfSubjectAccessReview()
            .create(asked)
            .getStatus()
            .getAllowed());
  }

  /**
   * Who the API server takes this control plane for.
   *
   * @throws KubernetesClientException when the API server does not answer
   */
  public String user() {
    String answer =
        client.raw(
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            "POST",
            Map.of("apiVersion", "authentication.k8s.io/v1", "kind", "SelfSubjectReview"));
    GenericKubernetesResource review =
        client.getKubernetesSerialization().unmarshal(answer, GenericKubernetesResource.class);
    return String.valueOf(review.<Object>get("status", "userInfo", "username"));
  }
}
