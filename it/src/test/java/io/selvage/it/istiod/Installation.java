package io.selvage.it.istiod;

import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What istiod finds when it starts: its resource definitions and rights, and its CA. */
public final class Installation {
  /** All but what would run in pods, and webhooks, which call a service that is not there. */
  private static final Set<String> KINDS =
      Set.of(
          "CustomResourceDefinition",
          "ClusterRole",
          "ClusterRoleBinding",
          "Role",
          "RoleBinding",
          "ServiceAccount",
          "ConfigMap");

  private Installation() {}

  /** Installs what {@code istioctl} would, and waits until the API serves Istio's resources. */
  public static void into(KubeClient kube) throws Exception {
    kube.apply(
        """
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}}
        """);
    List<String> line =
        List.of(
            Tool.peer("istioctl").toString(), "manifest", "generate", "--set", "profile=minimal");
    List<JsonNode> objects =
        Manifest.read(Tool.run(Map.of(), line).well().out()).stream()
            .filter(object -> KINDS.contains(object.path("kind").asString()))
            .toList();
    kube.apply(objects);
    for (JsonNode object : objects) {
      if (object.path("kind").asString().equals("CustomResourceDefinition")) {
        Until.holds("the API serves " + Manifest.id(object), () -> kube.serves(object));
      }
    }
  }

  /** Makes a CA and writes it as a {@code cacerts} folder. */
  static CertificateAuthority plugIn(Path folder, String trustDomain) throws Exception {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var profile = new CaProfile.Istiod(trustDomain);
    CaCredentials root =
        CaCredentials.selfSigned(
            profile, KeyAlgorithm.DEFAULT, Duration.ofDays(30), clock.instant(), random);
    write(folder, root);
    return new CertificateAuthority(
        root, profile, CertificateAuthority.Limits.DEFAULT, clock, random);
  }

  private static void write(Path folder, CaCredentials root) throws IOException {
    Files.createDirectories(folder);
    String certificate = Pem.of(root.root());
    Files.writeString(folder.resolve("ca-key.pem"), root.privateKeyPem());
    for (String name : List.of("ca-cert.pem", "cert-chain.pem", "root-cert.pem")) {
      Files.writeString(folder.resolve(name), certificate);
    }
  }
}
