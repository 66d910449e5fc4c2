package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.Secret;
import io.selvage.ca.roots.PluggedInCa;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.PkiException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A CA that the user brings in the Secret {@code cacerts}, in Istio's names or cert-manager's. */
final class PluggedInSecret {
  /** Its name, in the control plane's namespace. */
  static final String NAME = "cacerts";

  /** The annotation that names the root which all workloads hold. */
  static final String HELD = "selvage.io/root-held";

  private PluggedInSecret() {}

  /** Reads and checks; refusals name Secret and key. */
  static PluggedInCa of(Secret secret, Instant now) throws PkiException {
    Map<String, String> texts = new HashMap<>(SecretCaStore.texts(secret));
    String chain = texts.get("tls.crt");
    if (!texts.containsKey("ca-cert.pem") && chain != null) {
      texts.put("ca-cert.pem", chain);
      texts.put("cert-chain.pem", chain);
      texts.put("ca-key.pem", texts.getOrDefault("tls.key", ""));
      texts.put("root-cert.pem", texts.getOrDefault("ca.crt", ""));
    }
    return PluggedInCa.of(
        "the Secret " + secret.getMetadata().getNamespace() + "/" + NAME, texts, now);
  }

  /**
   * Whether {@code selvage migrate}, having looked at all workloads, wrote beside the CA that its
   * root is held by them: its SHA-256 fingerprint in {@link #HELD}.
   */
  static boolean isHeld(Secret secret, PluggedInCa ca) {
    String held =
        Optional.ofNullable(secret.getMetadata().getAnnotations()).orElse(Map.of()).get(HELD);
    return Fingerprint.sha256Hex(ca.credentials().root()).equals(held);
  }
}
