package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether workloads of the cluster trust a root already, by the ConfigMaps {@code
 * istio-ca-root-cert}: then a CA that isn't there was lost, and a new one in its place would cut
 * the mesh in two.
 */
final class RootsInUse {
  /** The CA is gone, and its root is in use. */
  static final String CODE = "SLV7238";

  private RootsInUse() {}

  /**
   * Looks.
   *
   * @throws IOException when a root is in use that has not expired; says how to go on
   */
  static void refuse(KubernetesClient client, String namespace, Instant now) throws IOException {
    Map<String, SortedSet<String>> users = new TreeMap<>();
    List<ConfigMap> maps =
        client
            .configMaps()
            .inAnyNamespace()
            .withField("metadata.name", RootCertificateMaps.NAME)
            .list()
            .getItems();
    for (ConfigMap map : maps) {
      for (X509Certificate root : roots(map)) {
        if (root.getNotAfter().toInstant().isAfter(now)) {
          users
              .computeIfAbsent(Fingerprint.sha256Hex(root).substring(0, 16), _ -> new TreeSet<>())
              .add(map.getMetadata().getNamespace());
        }
      }
    }
    if (!users.isEmpty()) {
      String told =
          users.entrySet().stream()
              .map(entry -> entry.getKey() + "… in " + shown(entry.getValue()))
              .collect(Collectors.joining("; "));
      throw new IOException(
          """
          %s there is no CA in the Secrets cacerts and istio-ca-secret of namespace %s, but workloads trust a root already \
          (%s). No new root is made in its place. Put the Secret back from a backup. If that root is lost for good, \
          give it up, and restart all workloads afterwards:
            kubectl delete configmap -A --field-selector metadata.name=%s"""
              .formatted(CODE, namespace, told, RootCertificateMaps.NAME));
    }
  }

  private static String shown(SortedSet<String> namespaces) {
    int more = namespaces.size() - 3;
    return namespaces.stream().limit(3).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  /** None where the text is no certificate: nobody can trust by it. */
  private static List<X509Certificate> roots(ConfigMap map) {
    try {
      return TrustBundle.parse(
              Optional.ofNullable(map.getData())
                  .map(data -> data.get(RootCertificateMaps.KEY))
                  .orElse(""))
          .roots();
    } catch (PkiException e) {
      return List.of();
    }
  }
}
