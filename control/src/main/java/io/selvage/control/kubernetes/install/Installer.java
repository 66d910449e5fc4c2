package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.access.PermissionCheck;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The installation of one cluster, step by step: looked at, planned, applied. */
public final class Installer {
  private final KubernetesClient client;
  private final String namespace;
  private final Planner planner;

  /**
   * Of one cluster.
   *
   * @param client of whoever installs
   * @param namespace the control plane's
   */
  public Installer(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    this.planner = new Planner(client);
  }

  /**
   * What is in the cluster.
   *
   * @throws KubernetesClientException when the API server doesn't say
   */
  public Surroundings surroundings() {
    return Surroundings.of(client, namespace);
  }

  /** What whoever installs may not do and must. */
  public MissingPermissions missing(Manifest manifest) {
    Set<Permission> needed = new LinkedHashSet<>();
    for (ManifestObject object : manifest.objects()) {
      needed.add(
          new Permission(
              List.of("get", "create", "patch"),
              object.kind().group(),
              object.kind().plural(),
              object.namespace(),
              ""));
    }
    return new PermissionCheck(client).missing(new ArrayList<>(needed));
  }

  /** Whether there is a gateway between networks that an earlier installation made. */
  public boolean hasGateway(Manifest manifest) {
    return !manifest.settings().network().isEmpty()
        && EastWestGateway.objects(manifest).stream()
            .filter(object -> object.kind() == ObjectKind.DEPLOYMENT)
            .anyMatch(planner::isOurs);
  }

  /** What is to be done. */
  public List<Change> plan(Manifest manifest) {
    return planner.plan(manifest);
  }

  /** Does one part of it. */
  public void apply(Change change) {
    planner.apply(change);
  }
}
