package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.roots.PluggedInCa;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A CA in a Secret of Istio's form. {@link #toString} shows no key.
 *
 * @param signing what signs
 * @param roots all that are to be trusted
 */
record CaSecret(CaCredentials signing, TrustBundle roots) {
  static final String PLUGGED_IN = "cacerts";
  static final String SELF_SIGNED = "istio-ca-secret";

  /** The Secret from which both control planes sign: the user's, else the one Istio made. */
  static Optional<Secret> inUse(KubernetesClient client, String namespace) {
    return get(client, namespace, PLUGGED_IN).or(() -> get(client, namespace, SELF_SIGNED));
  }

  static Optional<Secret> get(KubernetesClient client, String namespace, String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  /** Reads and checks; {@code istio-ca-secret} names no roots but the one that signs. */
  static CaSecret of(Secret secret) throws MigrationRefused {
    String name = secret.getMetadata().getName();
    Map<String, String> texts = new HashMap<>(texts(secret, ""));
    if (name.equals(SELF_SIGNED)) {
      String certificate = texts.getOrDefault("ca-cert.pem", "");
      texts.merge("root-cert.pem", certificate, (is, own) -> is.isBlank() ? own : is);
      texts.merge("cert-chain.pem", certificate, (is, own) -> is.isBlank() ? own : is);
    }
    if (!texts.containsKey("ca-cert.pem") && texts.containsKey("tls.crt")) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH,
          "the Secret cacerts is in cert-manager's form (tls.crt), so its issuer renews it; change the"
              + " root there: first ca.crt of both roots, then the issuer");
    }
    return of("the Secret " + name, texts);
  }

  static CaSecret of(String where, Map<String, String> texts) throws MigrationRefused {
    try {
      PluggedInCa read = PluggedInCa.of(where, texts, InstantSource.system().instant());
      return new CaSecret(read.credentials(), read.roots());
    } catch (PkiException e) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH, "%s %s".formatted(e.code(), e.getMessage()), e);
    }
  }

  /** The values whose names begin with {@code prefix}, without it. */
  static Map<String, String> texts(Secret secret, String prefix) {
    Map<String, String> texts = new HashMap<>();
    Optional.ofNullable(secret.getData())
        .orElse(Map.of())
        .forEach(
            (name, value) -> {
              if (name.startsWith(prefix)) {
                byte[] bytes = Base64.getDecoder().decode(value);
                texts.put(
                    name.substring(prefix.length()), new String(bytes, StandardCharsets.UTF_8));
              }
            });
    return texts;
  }

  /** In the form of {@code cacerts}, with those roots. */
  Map<String, String> encoded(String prefix, TrustBundle trusted) {
    return Map.of(
        prefix + "ca-cert.pem", encoded(Pem.of(signing.issuer())),
        prefix + "ca-key.pem", encoded(signing.privateKeyPem()),
        prefix + "cert-chain.pem", encoded(Pem.of(signing.chain())),
        prefix + "root-cert.pem", encoded(trusted.pem()));
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "CaSecret[" + signing + ", roots=" + roots + "]";
  }
}
