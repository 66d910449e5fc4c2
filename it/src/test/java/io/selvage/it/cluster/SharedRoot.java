package io.selvage.it.cluster;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A root that users bring, and the Secret {@code cacerts} of an issuer below it. */
public final class SharedRoot {
  private static final CaProfile PROFILE = new CaProfile.Istiod("cluster.local");
  private static final Duration LIFE = Duration.ofDays(365);

  private final SecureRandom random = new SecureRandom();
  private final CaCredentials root;

  /** With a root of its own. */
  public SharedRoot() {
    try {
      root = CaCredentials.selfSigned(PROFILE, KeyAlgorithm.DEFAULT, LIFE, now(), random);
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Instant now() {
    return InstantSource.system().instant();
  }

  /** The Secret of one more issuer, a manifest. */
  public String secret() {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: cacerts, namespace: istio-system}
    data: %s
    ---
    """
        .formatted(data());
  }

  /** What such a Secret holds. */
  public ObjectNode data() {
    try {
      CaCredentials issuer = root.intermediate(PROFILE, KeyAlgorithm.DEFAULT, LIFE, now(), random);
      return JsonMapper.shared()
          .createObjectNode()
          .put("ca-cert.pem", encoded(Pem.of(issuer.issuer())))
          .put("ca-key.pem", encoded(issuer.privateKeyPem()))
          .put("cert-chain.pem", encoded(Pem.of(issuer.chain())))
          .put("root-cert.pem", encoded(Pem.of(issuer.root())));
    } catch (PkiException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
