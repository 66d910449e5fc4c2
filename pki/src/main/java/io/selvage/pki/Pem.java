package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * PEM blocks (RFC 7468), read strictly: limited size, whole blocks, base64 and nothing else inside
 * them. Text between blocks is allowed, as tools write it.
 */
public final class Pem {
  /** The largest text that is read: far above any chain, far below a nuisance. */
  public static final int MAX_CHARS = 1 << 20;

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private Pem() {}

  /** One block: its label, e.g. {@code CERTIFICATE}, and its DER. */
  static final class Block {
    private final String label;
    private final byte[] der;

    Block(String label, byte[] der) {
      this.label = label;
      this.der = der;
    }

    String label() {
      return label;
    }

    byte[] der() {
      return der;
    }
  }

  /** Reads certificates in order; at least one, and no block of another kind. */
  public static List<X509Certificate> certificates(String pem) throws PkiException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(pem, MAX_CHARS)) {
      if (!block.label().equals("CERTIFICATE")) {
        throw new PkiException(
            Reason.MALFORMED, "a PEM block " + block.label() + " where only CERTIFICATE belongs");
      }
      certificates.add(certificate(block.der()));
    }
    if (certificates.isEmpty()) {
      throw new PkiException(Reason.MALFORMED, "no PEM block CERTIFICATE in the text");
    }
    return List.copyOf(certificates);
  }

  /** Reads one certificate from DER, by the JDK. */
  public static X509Certificate certificate(byte[] der) throws PkiException {
    try {
      ByteArrayInputStream in = new ByteArrayInputStream(der);
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      if (in.available() > 0) {
        throw new PkiException(Reason.MALFORMED, "bytes after the end of the certificate");
      }
      return certificate;
    } catch (CertificateException | RuntimeException | StackOverflowError e) {
      throw new PkiException(Reason.MALFORMED, "not an X.509 certificate: " + e.getMessage(), e);
    }
  }

  /** Writes certificates in order, each block ending in a newline. */
  public static String of(Collection<X509Certificate> certificates) {
    StringBuilder out = new StringBuilder();
    certificates.forEach(certificate -> out.append(of(certificate)));
    return out.toString();
  }

  /** Writes one certificate, ending in a newline. */
  public static String of(X509Certificate certificate) {
    return block("CERTIFICATE", der(certificate));
  }

  /** Writes a private key as unencrypted PKCS#8: only for the store of whoever made the key. */
  public static String ofPrivateKey(PrivateKey key) {
    return block("PRIVATE KEY", key.getEncoded());
  }

  /** Reads one unencrypted private key: PKCS#8, or the older {@code EC} and {@code RSA} forms. */
  public static PrivateKey privateKey(String pem) throws PkiException {
    List<Block> keys =
        blocks(pem, MAX_CHARS).stream().filter(b -> !b.label().equals("EC PARAMETERS")).toList();
    if (keys.size() != 1) {
      throw new PkiException(
          Reason.MALFORMED,
          "expected exactly one PEM block with a private key, found " + keys.size());
    }
    Block block = keys.getFirst();
    if (block.label().startsWith("ENCRYPTED ")) {
      throw new PkiException(
          Reason.MALFORMED,
          "the PEM block "
              + block.label()
              + " needs a passphrase; write it without one, e.g. by openssl pkey, in a file of mode"
              + " 0600");
    }
    try {
      return privateKey(privateKeyInfo(block));
    } catch (GeneralSecurityException
        | java.io.IOException
        | RuntimeException
        | StackOverflowError e) {
      // The cause is left out on purpose: a parser's message may quote what it parsed.
      throw new PkiException(
          Reason.MALFORMED,
          "the PEM block " + block.label() + " does not hold a readable private key");
    }
  }

  static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("a certificate that cannot be encoded", e);
    }
  }

  static String block(String label, byte[] der) {
    return BEGIN
        + label
        + DASHES
        + "\n"
        + LINES.encodeToString(der)
        + "\n"
        + END
        + label
        + DASHES
        + "\n";
  }

  /** Reads all blocks of a text of at most {@code maxChars}. */
  static List<Block> blocks(String pem, int maxChars) throws PkiException {
    if (pem.length() > maxChars) {
      throw new PkiException(
          Reason.TOO_LARGE, "PEM text of " + pem.length() + " characters; at most " + maxChars);
    }
    List<Block> blocks = new ArrayList<>();
    int at = pem.indexOf(BEGIN);
    while (at >= 0) {
      int labelEnd = pem.indexOf(DASHES, at + BEGIN.length());
      if (labelEnd < 0) {
        throw new PkiException(Reason.MALFORMED, "a PEM block whose BEGIN line does not end");
      }
      String label = pem.substring(at + BEGIN.length(), labelEnd);
      int body = labelEnd + DASHES.length();
      String endLine = END + label + DASHES;
      int end = pem.indexOf(endLine, body);
      if (end < 0 || label.length() > 64 || label.indexOf('\n') >= 0) {
        throw new PkiException(Reason.MALFORMED, "a PEM block without its END line");
      }
      blocks.add(new Block(label, base64(pem, body, end)));
      at = pem.indexOf(BEGIN, end + endLine.length());
    }
    return blocks;
  }

  private static byte[] base64(String pem, int start, int end) throws PkiException {
    byte[] compact = new byte[end - start];
    int length = 0;
    for (int i = start; i < end; i++) {
      char c = pem.charAt(i);
      if (c > ' ' && c < 0x7f) {
        compact[length++] = (byte) c;
      } else if (c != '\n' && c != '\r' && c != ' ' && c != '\t') {
        throw new PkiException(Reason.MALFORMED, "a PEM block with a character that is not base64");
      }
    }
    try {
      byte[] der = Base64.getDecoder().decode(java.util.Arrays.copyOf(compact, length));
      if (der.length == 0) {
        throw new PkiException(Reason.MALFORMED, "an empty PEM block");
      }
      return der;
    } catch (IllegalArgumentException e) {
      throw new PkiException(Reason.MALFORMED, "a PEM block that is not base64", e);
    }
  }

  private static PrivateKeyInfo privateKeyInfo(Block block)
      throws java.io.IOException, GeneralSecurityException {
    return switch (block.label()) {
      case "PRIVATE KEY" -> PrivateKeyInfo.getInstance(block.der());
      case "EC PRIVATE KEY" -> {
        ECPrivateKey key = ECPrivateKey.getInstance(ASN1Sequence.getInstance(block.der()));
        yield new PrivateKeyInfo(
            new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()),
            key);
      }
      case "RSA PRIVATE KEY" ->
          new PrivateKeyInfo(
              new AlgorithmIdentifier(
                  PKCSObjectIdentifiers.rsaEncryption, org.bouncycastle.asn1.DERNull.INSTANCE),
              org.bouncycastle.asn1.pkcs.RSAPrivateKey.getInstance(block.der()));
      default -> throw new GeneralSecurityException("not a private key");
    };
  }

  private static PrivateKey privateKey(PrivateKeyInfo info)
      throws GeneralSecurityException, java.io.IOException {
    boolean ec =
        X9ObjectIdentifiers.id_ecPublicKey.equals(info.getPrivateKeyAlgorithm().getAlgorithm());
    return KeyFactory.getInstance(ec ? "EC" : "RSA")
        .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded("DER")));
  }
}
