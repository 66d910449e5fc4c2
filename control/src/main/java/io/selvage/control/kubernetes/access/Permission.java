package io.selvage.control.kubernetes.access;

import io.selvage.control.kubernetes.lease.Leadership;
import io.selvage.control.kubernetes.source.WatchedKind;
import io.selvage.control.kubernetes.trust.ClusterTrustBundles;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
import io.selvage.control.kubernetes.trust.TrustReport;
import io.selvage.control.kubernetes.webhook.CaBundles;
import io.selvage.control.kubernetes.webhook.DemandsMap;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that RBAC has to allow.
 *
 * @param verbs as in a Role's rule
 * @param group the API group; empty for Kubernetes' core
 * @param resource the plural, with {@code /status} for that subresource
 * @param namespace where; empty: in all, or a resource without namespace
 * @param name of the only object that is meant; empty: all
 */
public record Permission(
    List<String> verbs, String group, String resource, String namespace, String name) {
  private static final List<String> READ = List.of("list", "watch");

  public Permission {
    verbs = List.copyOf(verbs);
  }

  /**
   * The least that a control plane needs.
   *
   * @param home its own namespace
   */
  public static List<Permission> needed(String home) {
    List<Permission> all = new ArrayList<>();
    for (WatchedKind kind : WatchedKind.values()) {
      all.add(new Permission(READ, kind.group(), kind.plural(), "", ""));
    }
    all.add(new Permission(READ, "", "pods", "", ""));
    all.add(new Permission(READ, "", "nodes", "", ""));
    for (WatchedKind kind : WatchedKind.values()) {
      if (kind.isCustom()) {
        all.add(new Permission(List.of("update"), kind.group(), kind.plural() + "/status", "", ""));
      }
    }
    String roots = RootCertificateMaps.NAME;
    all.add(new Permission(List.of("list", "watch", "update"), "", "configmaps", "", roots));
    all.add(new Permission(List.of("create"), "", "configmaps", "", ""));
    all.add(new Permission(List.of("create"), "authentication.k8s.io", "tokenreviews", "", ""));
    all.add(new Permission(List.of("get", "list", "watch"), "", "configmaps", home, "istio"));
    all.add(new Permission(READ, "", "configmaps", home, "istio-namespace-controller-election"));
    all.add(new Permission(List.of("get", "patch"), "", "configmaps", home, TrustReport.NAME));
    all.add(new Permission(List.of("get"), "", "configmaps", home, DemandsMap.NAME));
    all.add(new Permission(List.of("get", "list", "watch"), "", "secrets", home, "cacerts"));
    all.add(
        new Permission(
            List.of("get", "list", "watch", "update"), "", "secrets", home, "istio-ca-secret"));
    all.add(new Permission(List.of("create"), "", "secrets", home, ""));
    // Kubeconfigs of the other clusters: by label, which RBAC cannot tell.
    all.add(new Permission(READ, "", "secrets", home, ""));
    all.addAll(webhooks());
    all.addAll(trustBundles());
    for (String namespace : List.of("default", home)) {
      List<String> tell = List.of("create", "get", "patch");
      all.add(new Permission(tell, "events.k8s.io", "events", namespace, ""));
    }
    String group = "coordination.k8s.io";
    all.add(new Permission(List.of("get", "update"), group, "leases", home, Leadership.LEASE));
    all.add(new Permission(List.of("create"), group, "leases", home, ""));
    return List.copyOf(all);
  }

  /**
   * The least that a control plane needs of another cluster of its mesh.
   *
   * @param home the control plane's namespace there
   */
  public static List<Permission> neededOfNeighbour(String home) {
    List<Permission> all = new ArrayList<>();
    for (WatchedKind kind : WatchedKind.OF_NEIGHBOUR) {
      all.add(new Permission(READ, kind.group(), kind.plural(), "", ""));
    }
    all.add(new Permission(READ, "", "pods", "", ""));
    all.add(new Permission(READ, "", "nodes", "", ""));
    all.add(new Permission(List.of("create"), "authentication.k8s.io", "tokenreviews", "", ""));
    all.add(new Permission(READ, "", "configmaps", home, "istio"));
    all.add(new Permission(READ, "", "configmaps", home, RootCertificateMaps.NAME));
    return List.copyOf(all);
  }

  /** All are read, so that those are found that call this control plane; two are written. */
  private static List<Permission> webhooks() {
    String group = "admissionregistration.k8s.io";
    String mutating = "mutatingwebhookconfigurations";
    String validating = "validatingwebhookconfigurations";
    List<String> write = List.of("get", "patch"); // the client reads what it patches
    return List.of(
        new Permission(READ, group, mutating, "", ""),
        new Permission(READ, group, validating, "", ""),
        new Permission(write, group, mutating, "", CaBundles.INJECTOR),
        new Permission(write, group, validating, "", CaBundles.VALIDATOR));
  }

  private static List<Permission> trustBundles() {
    String group = ClusterTrustBundles.GROUP;
    String plural = ClusterTrustBundles.PLURAL;
    List<String> keep = List.of("list", "watch", "update");
    return List.of(
        new Permission(keep, group, plural, "", ClusterTrustBundles.NAME),
        new Permission(List.of("create"), group, plural, "", ""),
        new Permission(List.of("attest"), group, "signers", "", ClusterTrustBundles.SIGNER));
  }

  /** With some of the verbs only. */
  Permission with(List<String> some) {
    return new Permission(some, group, resource, namespace, name);
  }

  /** {@code plural.group}, as {@code kubectl} wants it; the subresource is part of the plural. */
  String qualifiedResource() {
    int slash = resource.indexOf('/');
    String plural = slash < 0 ? resource : resource.substring(0, slash);
    String rest = slash < 0 ? "" : resource.substring(slash);
    return (group.isEmpty() ? plural : plural + "." + group) + rest;
  }

  /** In words, as the API server refuses it. */
  @Override
  public String toString() {
    return "%s %s%s %s"
        .formatted(
            String.join(", ", verbs),
            qualifiedResource(),
            name.isEmpty() ? "" : " \"" + name + "\"",
            namespace.isEmpty() ? "at the cluster scope" : "in the namespace " + namespace);
  }
}
