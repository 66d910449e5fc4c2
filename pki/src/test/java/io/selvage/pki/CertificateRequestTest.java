package io.selvage.pki;

import static io.selvage.pki.TestAuthority.RANDOM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.pki.PkiException.Reason;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateRequestTest {
  private static final KeyPair KEYS = KeyAlgorithm.DEFAULT.generate(RANDOM);
  private static final byte[] GOOD = good();

  @ParameterizedTest
  @EnumSource(
      value = KeyAlgorithm.class,
      names = {"ECDSA_P256", "ECDSA_P384", "RSA_2048"})
  void readsWhatItMakesForEachKindOfKey(KeyAlgorithm algorithm) throws PkiException {
    KeyPair keys = algorithm.generate(RANDOM);

    CertificateRequest read = CertificateRequest.parse(CertificateRequest.create(keys).pem());

    assertThat(read.publicKey().getEncoded()).isEqualTo(keys.getPublic().getEncoded());
  }

  /** RFC 2986 4.1: {@code attributes [0]} has no OPTIONAL; Go's parser, and so istiod, insists. */
  @Test
  void writesEmptyAttributesAndNotNone() {
    assertThat(CertificationRequest.getInstance(GOOD).getCertificationRequestInfo().getAttributes())
        .isNotNull();
  }

  @Test
  void refusesTextThatIsNotOneBlock() throws PkiException {
    String pem = CertificateRequest.create(KEYS).pem();
    assertRefused("", Reason.MALFORMED);
    assertRefused("  \n", Reason.MALFORMED);
    assertRefused("hello", Reason.MALFORMED);
    assertRefused(pem + pem, Reason.MALFORMED);
    assertRefused(pem.substring(0, pem.length() - 30), Reason.MALFORMED);
    assertRefused(pem.replace("CERTIFICATE REQUEST", "CERTIFICATE"), Reason.MALFORMED);
    assertRefused(pem.replaceFirst("\n.", "\n!"), Reason.MALFORMED);
    assertRefused(
        "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n",
        Reason.MALFORMED);
    assertRefused(pem + "x".repeat(CertificateRequest.MAX_CHARS), Reason.TOO_LARGE);
  }

  @Test
  void refusesBytesAfterTheRequest() {
    assertRefused(
        Pem.block("CERTIFICATE REQUEST", Arrays.copyOf(GOOD, GOOD.length + 1)), Reason.MALFORMED);
  }

  @Test
  void refusesASignatureByAnotherKey() throws Exception {
    KeyPair other = KeyAlgorithm.DEFAULT.generate(RANDOM);

    assertRefused(request(KEYS, other, "SHA256withECDSA"), Reason.BAD_SIGNATURE);
  }

  @Test
  void refusesWeakKeysAndSignatures() throws Exception {
    KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
    rsa.initialize(1024);
    KeyPair small = rsa.generateKeyPair();
    assertRefused(request(small, small, "SHA256withRSA"), Reason.WEAK_ALGORITHM);
    KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
    ec.initialize(new ECGenParameterSpec("secp521r1"));
    KeyPair large = ec.generateKeyPair();
    assertRefused(request(large, large, "SHA512withECDSA"), Reason.WEAK_ALGORITHM);
    assertRefused(request(KEYS, KEYS, "SHA1withECDSA"), Reason.WEAK_ALGORITHM);
    KeyPairGenerator edwards = KeyPairGenerator.getInstance("Ed25519");
    KeyPair ed = edwards.generateKeyPair();
    assertThatThrownBy(() -> CertificateRequest.parse(request(ed, ed, "Ed25519")))
        .isInstanceOf(PkiException.class);
  }

  @Test
  void namesTheKindOfKeyThatIsNotSupported() throws Exception {
    KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();

    assertRefused(request(edwards, edwards, "Ed25519"), Reason.WEAK_ALGORITHM);
  }

  @Test
  void refusesRsaKeysThatProtectNothing() throws Exception {
    KeyPair good = KeyAlgorithm.RSA_2048.generate(RANDOM);
    BigInteger modulus = ((RSAPublicKey) good.getPublic()).getModulus();

    for (RSAPublicKeySpec weak :
        List.of(
            new RSAPublicKeySpec(modulus, BigInteger.ONE),
            new RSAPublicKeySpec(modulus.subtract(BigInteger.ONE), BigInteger.valueOf(65537)),
            new RSAPublicKeySpec(modulus, BigInteger.TWO),
            new RSAPublicKeySpec(modulus, BigInteger.ONE.shiftLeft(65).add(BigInteger.ONE)))) {
      SubjectPublicKeyInfo info =
          new SubjectPublicKeyInfo(
              new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
              new org.bouncycastle.asn1.pkcs.RSAPublicKey(
                  weak.getModulus(), weak.getPublicExponent()));
      assertThatThrownBy(() -> CertificateRequest.parse(request(info, good, "SHA256withRSA")))
          .isInstanceOf(PkiException.class);
    }
  }

  @Test
  void refusesACurveThatIsSpeltOutEvenWhenItIsTheOneOfThatName() throws Exception {
    SubjectPublicKeyInfo named = SubjectPublicKeyInfo.getInstance(KEYS.getPublic().getEncoded());
    SubjectPublicKeyInfo speltOut =
        new SubjectPublicKeyInfo(
            new AlgorithmIdentifier(
                X9ObjectIdentifiers.id_ecPublicKey, SECNamedCurves.getByName("secp256r1")),
            named.getPublicKeyData().getBytes());

    assertRefused(request(speltOut, KEYS, "SHA256withECDSA"), Reason.WEAK_ALGORITHM);
  }

  @Test
  void refusesARequestThatIsNestedWithoutEnd() {
    byte[] nested = new byte[11_000];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }

    assertRefused(Pem.block("CERTIFICATE REQUEST", nested), Reason.MALFORMED);
  }

  @Test
  void carriesNoNameOfTheSenderIntoACertificate() throws Exception {
    String pem = request(KEYS, KEYS, "SHA256withECDSA");
    CertificateChain issued =
        TestAuthority.authority(TestAuthority.root())
            .issue(CertificateRequest.parse(pem), TestAuthority.SLEEP, java.time.Duration.ZERO);

    assertThat(issued.spiffeId()).isEqualTo(TestAuthority.SLEEP);
    assertThat(issued.leaf().getSubjectX500Principal().getName()).isEmpty();
    assertThat(issued.leaf().toString()).doesNotContain("admin");
  }

  @Property(tries = 2000)
  void neverReadsAMutatedRequest(@ForAll @IntRange(max = 10_000) int at, @ForAll byte changed) {
    byte[] mutated = GOOD.clone();
    int index = at % mutated.length;
    if (mutated[index] == changed) {
      return;
    }
    mutated[index] = changed;

    assertThatThrownBy(() -> CertificateRequest.parse(mutated)).isInstanceOf(PkiException.class);
  }

  @Property
  void refusesAnyTextByAPkiException(@ForAll String text) {
    assertThatThrownBy(() -> CertificateRequest.parse(text)).isInstanceOf(PkiException.class);
    assertThatThrownBy(
            () ->
                CertificateRequest.parse(
                    "-----BEGIN CERTIFICATE REQUEST-----\n"
                        + text
                        + "\n-----END CERTIFICATE REQUEST-----\n"))
        .isInstanceOf(PkiException.class);
  }

  private static void assertRefused(String pem, Reason reason) {
    assertThatThrownBy(() -> CertificateRequest.parse(pem))
        .isInstanceOfSatisfying(
            PkiException.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
  }

  private static String request(KeyPair asked, KeyPair signing, String algorithm) throws Exception {
    byte[] der =
        new JcaPKCS10CertificationRequestBuilder(
                new X500Principal("CN=spiffe://cluster.local/ns/kube-system/sa/admin"),
                asked.getPublic())
            .build(new JcaContentSignerBuilder(algorithm).build(signing.getPrivate()))
            .getEncoded();
    return Pem.block("CERTIFICATE REQUEST", der);
  }

  private static String request(SubjectPublicKeyInfo asked, KeyPair signing, String algorithm)
      throws Exception {
    byte[] der =
        new PKCS10CertificationRequestBuilder(new X500Name("CN=x"), asked)
            .build(new JcaContentSignerBuilder(algorithm).build(signing.getPrivate()))
            .getEncoded();
    return Pem.block("CERTIFICATE REQUEST", der);
  }

  private static byte[] good() {
    try {
      return Pem.blocks(CertificateRequest.create(KEYS).pem(), CertificateRequest.MAX_CHARS)
          .getFirst()
          .der();
    } catch (PkiException e) {
      throw new AssertionError(e);
    }
  }
}
