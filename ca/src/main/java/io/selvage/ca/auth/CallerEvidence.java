package io.selvage.ca.auth;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What a caller shows of itself. {@link #toString} never shows the token.
 *
 * @param authorization the {@code authorization} metadata as sent
 * @param forwardedClientCert the {@code x-forwarded-client-cert} metadata as sent
 * @param peerCertificates the certificates of the TLS connection, leaf first; empty without
 * @param cluster id of the cluster that it says it is in
 * @param peerAddress where the connection comes from, when it is an IP connection
 */
public record CallerEvidence(
    Optional<String> authorization,
    Optional<String> forwardedClientCert,
    List<X509Certificate> peerCertificates,
    Optional<String> cluster,
    Optional<InetAddress> peerAddress) {
  /** The most characters of a token that are read. */
  public static final int MAX_TOKEN = 16 * 1024;

  private static final List<String> SCHEMES = List.of("Bearer ", "Istio ");

  public CallerEvidence {
    peerCertificates = List.copyOf(peerCertificates);
  }

  /** Of a caller that says nothing of its cluster. */
  public CallerEvidence(
      Optional<String> authorization,
      Optional<String> forwardedClientCert,
      List<X509Certificate> peerCertificates,
      Optional<InetAddress> peerAddress) {
    this(authorization, forwardedClientCert, peerCertificates, Optional.empty(), peerAddress);
  }

  /** Nothing but a token. */
  public static CallerEvidence ofToken(String token) {
    return new CallerEvidence(
        Optional.of("Bearer " + token), Optional.empty(), List.of(), Optional.empty());
  }

  /** The token of the authorization metadata, which may come as {@code Bearer} or {@code Istio}. */
  public Optional<String> token() {
    return authorization.flatMap(
        text ->
            SCHEMES.stream()
                .filter(s -> text.regionMatches(true, 0, s, 0, s.length()))
                .map(s -> text.substring(s.length()).strip())
                .filter(t -> !t.isEmpty())
                .findFirst());
  }

  @Override
  public String toString() {
    return "CallerEvidence[address="
        + peerAddress
        + ", token="
        + (token().isPresent() ? "present" : "absent")
        + ", certificates="
        + peerCertificates.size()
        + "]";
  }
}
