package io.selvage.it.conformance;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A mesh's CA whose key the test holds, so that any certificate can be signed with it: good ones,
 * and those that no CA of a mesh would give.
 */
final class CaseAuthority {
  private static final Duration DAY = Duration.ofDays(1);

  private final CertificateAuthority authority;
  private final PrivateKey key;
  private final KeyPair client;

  /**
   * A chain that a client shows, with its key.
   *
   * @param chain leaf first
   */
  record Shown(PrivateKey key, List<X509Certificate> chain) {}

  /** By an authority that some other part of the test has made. */
  CaseAuthority(CertificateAuthority authority) throws PkiException {
    this.authority = authority;
    this.key = Pem.privateKey(authority.credentials().privateKeyPem());
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      this.client = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /** With a new root. */
  static CaseAuthority create() throws PkiException {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var profile = new CaProfile.Istiod(Stage.TRUST_DOMAIN);
    return new CaseAuthority(
        new CertificateAuthority(
            CaCredentials.selfSigned(
                profile, KeyAlgorithm.DEFAULT, Duration.ofDays(30), clock.instant(), random),
            profile,
            CertificateAuthority.Limits.DEFAULT,
            clock,
            random));
  }

  X509Certificate root() {
    return authority.root();
  }

  /** The server's own. */
  WorkloadCertificate server() throws PkiException {
    return authority.issue(
        KeyAlgorithm.DEFAULT,
        SpiffeId.workload(Stage.TRUST_DOMAIN, Stage.NAMESPACE, Stage.ACCOUNT),
        DAY);
  }

  /**
   * What a client of this identity shows.
   *
   * @param identity {@code td/ns/N/sa/S}
   */
  Shown shown(String identity, Request.Certificate certificate) throws PkiException {
    String uri = "spiffe://" + identity;
    Instant now = InstantSource.system().instant();
    Instant from = now.minus(Duration.ofMinutes(2));
    GeneralName[] named = {uri(uri)};
    KeyPurposeId[] mesh = {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth};
    return switch (certificate) {
      case VALID -> signed(named, mesh, from, now.plus(DAY));
      case EXPIRED -> signed(named, mesh, now.minus(DAY.multipliedBy(2)), now.minus(DAY));
      case FUTURE -> signed(named, mesh, now.plus(DAY), now.plus(DAY.multipliedBy(2)));
      case OTHER_ROOT -> create().shown(identity, Request.Certificate.VALID);
      case NO_URI ->
          signed(
              new GeneralName[] {new GeneralName(GeneralName.dNSName, "client.example")},
              mesh,
              from,
              now.plus(DAY));
      case TWO_URIS ->
          signed(
              new GeneralName[] {
                uri(uri), uri("spiffe://" + Stage.TRUST_DOMAIN + "/ns/second/sa/second")
              },
              mesh,
              from,
              now.plus(DAY));
      case DNS_AS_SPIFFE ->
          signed(
              new GeneralName[] {new GeneralName(GeneralName.dNSName, uri)},
              mesh,
              from,
              now.plus(DAY));
      case EMAIL_EKU ->
          signed(
              named, new KeyPurposeId[] {KeyPurposeId.id_kp_emailProtection}, from, now.plus(DAY));
      case NONE -> throw new IllegalArgumentException("none is shown");
    };
  }

  private static GeneralName uri(String text) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, text);
  }

  private Shown signed(GeneralName[] names, KeyPurposeId[] purposes, Instant from, Instant until) {
    try {
      X509Certificate issuer = authority.credentials().issuer();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(120, new SecureRandom()).add(BigInteger.ONE),
              Date.from(from),
              Date.from(until),
              new javax.security.auth.x500.X500Principal(new X500Name("").toString()),
              client.getPublic());
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(names));
      String algorithm = key.getAlgorithm().startsWith("EC") ? "SHA256withECDSA" : "SHA256withRSA";
      X509Certificate leaf =
          new JcaX509CertificateConverter()
              .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
      List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
      chain.addAll(authority.credentials().intermediates());
      return new Shown(client.getPrivate(), List.copyOf(chain));
    } catch (java.io.IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot sign a client's certificate", e);
    }
  }
}
