package io.selvage.pki;

import static io.selvage.pki.TestAuthority.CLOCK;
import static io.selvage.pki.TestAuthority.SLEEP;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.pki.PeerVerifier.PeerRole;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

class CertificateFuzzTest {
  private static final ForgedAuthority ROOT = ForgedAuthority.named("root").root();
  private static final ForgedAuthority MIDDLE = ForgedAuthority.named("middle").below(ROOT);
  private static final byte[] LEAF = Pem.der(ForgedLeaf.of(MIDDLE).uri(SLEEP.toString()).sign());
  private static final CaCredentials CERTIFYING = certifying();
  private static final byte[] ISSUER = Pem.der(MIDDLE.certificate());

  /**
   * What lies outside of the signed part may be spelt in more than one way: the signature of an
   * elliptic curve can, and so can the padding of its bits.
   */
  @Property(tries = 3000)
  void aChainWithAChangedByteIsNeverVerifiedAsAnythingButWhatWasSignedAndNeverAnException(
      @ForAll @IntRange(max = 100_000) int at, @ForAll byte changed, @ForAll boolean inIssuer)
      throws CertificateEncodingException {
    byte[] mutated = (inIssuer ? ISSUER : LEAF).clone();
    int index = at % mutated.length;
    if (mutated[index] == changed) {
      return;
    }
    mutated[index] = changed;
    X509Certificate read;
    try {
      read = Pem.certificate(mutated);
    } catch (PkiException e) {
      return;
    }
    List<X509Certificate> chain =
        inIssuer ? List.of(certificate(LEAF), read) : List.of(read, MIDDLE.certificate());

    PeerVerification outcome =
        new PeerVerifier(TrustBundle.of(ROOT.certificate()), Set.of("cluster.local"), CLOCK)
            .verify(chain, PeerRole.CLIENT);
    if (outcome instanceof VerifiedIdentity) {
      assertThat(read.getTBSCertificate())
          .isEqualTo(certificate(inIssuer ? ISSUER : LEAF).getTBSCertificate());
    }
  }

  @Property(tries = 1000)
  void anyBytesAreNamesOrAPkiException(@ForAll byte[] extension, @ForAll long seed) {
    byte[] random = new byte[new Random(seed).nextInt(400)];
    new Random(seed).nextBytes(random);
    for (byte[] bytes : List.of(extension, random)) {
      try {
        assertThat(SubjectNames.parse(bytes)).isNotNull();
      } catch (PkiException e) {
        assertThat(e.reason())
            .isIn(PkiException.Reason.MALFORMED, PkiException.Reason.BAD_IDENTITY);
      }
    }
  }

  /** A host name that the JDK takes for none, which is a trust domain all the same, is refused. */
  @Property(tries = 300)
  void whateverSpiffeIdIsIssuedIsReadBackTheSame(
      @ForAll @StringLength(min = 1, max = 60) @Chars({'a', 'm', 'z', '0', '9', '.', '-', '_'})
          String trustDomain,
      @ForAll @StringLength(max = 60) @Chars({'a', 'Z', '0', '.', '-', '_'}) String account)
      throws PkiException {
    SpiffeId id = new SpiffeId(trustDomain, "/ns/x/sa/" + account + "x");
    WorkloadCertificate issued;
    try {
      issued =
          TestAuthority.authority(CERTIFYING).issue(KeyAlgorithm.DEFAULT, id, Duration.ofHours(1));
    } catch (PkiException e) {
      assertThat(e).hasMessageContaining("invalid URI name");
      assertThat(trustDomain).endsWith(".");
      return;
    }

    assertThat(
            new PeerVerifier(TrustBundle.of(CERTIFYING.root()), Set.of(trustDomain), CLOCK)
                .verify(issued.certificates(), PeerRole.SERVER))
        .isInstanceOfSatisfying(
            VerifiedIdentity.class, identity -> assertThat(identity.spiffeId()).isEqualTo(id));
  }

  private static CaCredentials certifying() {
    try {
      return TestAuthority.root();
    } catch (PkiException e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate certificate(byte[] der) {
    try {
      return Pem.certificate(der);
    } catch (PkiException e) {
      throw new AssertionError(e);
    }
  }
}
