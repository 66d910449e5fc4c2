package io.selvage.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.pki.CertificateRequest;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import java.io.IOException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/**
 * What a workload sends to the CA, as DER (first byte even) or PEM: refused with a reason, or a
 * request whose signature Bouncy Castle verifies as well, for a key that the CA certifies.
 */
public final class CertificateRequestTarget implements FuzzTarget {
  @Override
  public String name() {
    return "csr";
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (KeyPair keys : List.of(keys("EC", 256), keys("EC", 384), keys("RSA", 2048))) {
      try {
        String pem = CertificateRequest.create(keys).pem();
        String body = pem.lines().filter(line -> !line.startsWith("-")).reduce("", String::concat);
        seeds.add(FuzzTarget.bytes("\0" + FuzzTarget.text(Base64.getDecoder().decode(body))));
        seeds.add(FuzzTarget.bytes("\1" + pem));
        seeds.add(FuzzTarget.bytes("\1" + pem + pem));
      } catch (PkiException e) {
        throw new IllegalStateException(e);
      }
    }
    return seeds;
  }

  private static KeyPair keys(String algorithm, int size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(size);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<String> words() {
    return List.of(
        "0\u0082\1\0",
        "0\u0080",
        "\0\0",
        "\6\10\52\u0086\110\u00ce\75\4\3\2",
        "\6\7\52\u0086\110\u00ce\75\2\1",
        "\6\5\53\u0081\4\0\12",
        "\5\0",
        "\u00a0\0",
        "-----BEGIN CERTIFICATE REQUEST-----\n",
        "-----END CERTIFICATE REQUEST-----\n",
        "-----BEGIN PRIVATE KEY-----\n");
  }

  @Override
  public void run(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    CertificateRequest request;
    try {
      request =
          input[0] % 2 == 0
              ? CertificateRequest.parse(rest)
              : CertificateRequest.parse(FuzzTarget.text(rest));
    } catch (PkiException e) {
      assertThat(e.reason()).isNotNull();
      return;
    }
    assertThat(KeyAlgorithm.of(request.publicKey())).isNotNull();
    assertThat(CertificateRequest.parse(request.pem()).publicKey()).isEqualTo(request.publicKey());
    assertThat(isSigned(request)).isTrue();
  }

  private static boolean isSigned(CertificateRequest request)
      throws IOException, OperatorCreationException, PKCSException {
    String body =
        request.pem().lines().filter(line -> !line.startsWith("-")).reduce("", String::concat);
    return new PKCS10CertificationRequest(Base64.getDecoder().decode(body))
        .isSignatureValid(new JcaContentVerifierProviderBuilder().build(request.publicKey()));
  }
}
