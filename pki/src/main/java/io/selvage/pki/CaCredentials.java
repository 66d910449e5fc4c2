package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * What an authority signs with: a private key and the certificates from its issuer to the root.
 *
 * <p>Whoever holds one has passed its checks: the key belongs to the first certificate, each is
 * CA:TRUE and signed by the next, the last signs itself. {@link #toString} never shows the key.
 */
public final class CaCredentials {
  /** Istio backdates by this much, for clocks that lag. */
  static final Duration CLOCK_SKEW = Duration.ofMinutes(2);

  private final PrivateKey key;
  private final List<X509Certificate> chain;

  private CaCredentials(PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = List.copyOf(chain);
  }

  /**
   * Joins a key and its chain, issuer first, root last.
   *
   * @param now the time at which all of it must be valid
   */
  public static CaCredentials of(PrivateKey key, List<X509Certificate> issuerToRoot, Instant now)
      throws PkiException {
    CaRules.check(key, issuerToRoot, now);
    return new CaCredentials(key, issuerToRoot);
  }

  /** Makes a root that signs by itself. */
  public static CaCredentials selfSigned(
      CaProfile profile,
      KeyAlgorithm algorithm,
      Duration lifetime,
      Instant now,
      SecureRandom random)
      throws PkiException {
    KeyPair keys = algorithm.generate(random);
    X500Principal subject = profile.rootSubject(now);
    Instant notAfter = now.plus(lifetime);
    X509Certificate root =
        certify(subject, keys, null, algorithm, keys.getPrivate(), now, notAfter, random);
    return of(keys.getPrivate(), List.of(root), now);
  }

  /** Makes an intermediate below this issuer; it ends no later than its issuers. */
  public CaCredentials intermediate(
      CaProfile profile,
      KeyAlgorithm algorithm,
      Duration lifetime,
      Instant now,
      SecureRandom random)
      throws PkiException {
    KeyPair keys = algorithm.generate(random);
    Instant wanted = now.plus(lifetime);
    Instant notAfter = wanted.isBefore(notAfter()) ? wanted : notAfter();
    X509Certificate certificate =
        certify(
            profile.intermediateSubject(), keys, issuer(), algorithm(), key, now, notAfter, random);
    List<X509Certificate> longer = new ArrayList<>(List.of(certificate));
    longer.addAll(chain);
    return of(keys.getPrivate(), longer, now);
  }

  /** The certificate whose key signs. */
  public X509Certificate issuer() {
    return chain.getFirst();
  }

  public X509Certificate root() {
    return chain.getLast();
  }

  /** Issuer first, root last; one element when the root itself signs. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** The certificates that a leaf is sent with: all but the root. */
  public List<X509Certificate> intermediates() {
    return chain.subList(0, chain.size() - 1);
  }

  /** The earliest end of validity along the chain. */
  public Instant notAfter() {
    return chain.stream()
        .map(c -> c.getNotAfter().toInstant())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  /** The signing key as PKCS#8 PEM: for the store alone. */
  public String privateKeyPem() {
    return Pem.ofPrivateKey(key);
  }

  PrivateKey key() {
    return key;
  }

  KeyAlgorithm algorithm() throws PkiException {
    return KeyAlgorithm.of(issuer().getPublicKey());
  }

  @Override
  public String toString() {
    return "CaCredentials[issuer="
        + Fingerprint.sha256Hex(issuer())
        + ", root="
        + Fingerprint.sha256Hex(root())
        + ", until "
        + notAfter()
        + "]";
  }

  /** Without an issuer, the certificate signs itself. */
  private static X509Certificate certify(
      X500Principal subject,
      KeyPair keys,
      @Nullable X509Certificate issuer,
      KeyAlgorithm issuerAlgorithm,
      PrivateKey issuerKey,
      Instant now,
      Instant notAfter,
      SecureRandom random)
      throws PkiException {
    try {
      SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      extensions.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new SubjectKeyIdentifier(CertificateBuilding.keyIdentifier(info)));
      if (issuer != null) {
        extensions.addExtension(
            Extension.authorityKeyIdentifier,
            false,
            new AuthorityKeyIdentifier(CertificateBuilding.keyIdentifier(issuer)));
      }
      byte[] der =
          CertificateBuilding.sign(
              new CertificateBuilding.Parts(
                  CertificateBuilding.name(
                      issuer == null ? subject : issuer.getSubjectX500Principal()),
                  CertificateBuilding.name(subject),
                  info,
                  now.minus(CLOCK_SKEW),
                  notAfter,
                  CertificateBuilding.randomSerial(random),
                  extensions.generate()),
              issuerAlgorithm,
              issuerKey);
      return Pem.certificate(der);
    } catch (GeneralSecurityException | IOException e) {
      throw new PkiException(Reason.SIGNING_FAILED, "cannot sign a CA certificate", e);
    }
  }
}
