package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The Secret from which the control plane's CA signs: {@code cacerts}, which a user plugs in, or
 * {@code istio-ca-secret}, which a control plane made for itself. Only certificates are read.
 */
public record CaSecret(ApiObject secret) {
  /** What a user brings. */
  public static final String PLUGGED_IN = "cacerts";

  /** What a control plane makes. */
  public static final String SELF_SIGNED = "istio-ca-secret";

  /** The one in use: {@code cacerts} goes first, in Istio as here. Empty when neither is there. */
  public static Optional<CaSecret> of(ClusterEvidence cluster, String namespace) {
    return cluster
        .objects()
        .find(Kind.SECRET, namespace, PLUGGED_IN)
        .or(() -> cluster.objects().find(Kind.SECRET, namespace, SELF_SIGNED))
        .map(CaSecret::new);
  }

  public boolean isPluggedIn() {
    return secret.name().equals(PLUGGED_IN);
  }

  /** What signs. */
  public PemText signing() {
    return first("ca-cert.pem", "tls.crt");
  }

  /** What is between that and the root. */
  public PemText chain() {
    return first("cert-chain.pem", "tls.crt");
  }

  /**
   * What is trusted: of a CA that a control plane made, what signs, unless the Secret says more.
   */
  public PemText roots() {
    PemText written = first("root-cert.pem", "ca.crt");
    return written.isBlank() ? signing() : written;
  }

  private PemText first(String key, String otherwise) {
    PemText found = text(key);
    return found.isBlank() ? text(otherwise) : found;
  }

  private PemText text(String key) {
    String where = secret.ref() + " " + key;
    String encoded = secret.json().path("data").path(key).asString("");
    try {
      return new PemText(
          where, new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException notBase64) {
      return new PemText(where, encoded);
    }
  }
}
