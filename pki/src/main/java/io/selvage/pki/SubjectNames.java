package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * The subject alternative names of a certificate, read from the extension's bytes.
 *
 * <p>The JDK's own reading turns names into strings by its own rules; identity needs the bytes as
 * they were signed. A name with a NUL or another control character is refused, whatever its kind
 * (CVE-2025-66220).
 *
 * @param uris names of kind URI
 * @param dnsNames names of kind DNS
 */
public record SubjectNames(List<String> uris, List<String> dnsNames) {
  private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

  public SubjectNames {
    uris = List.copyOf(uris);
    dnsNames = List.copyOf(dnsNames);
  }

  /** Reads the names of a certificate; one without the extension has none. */
  public static SubjectNames of(X509Certificate certificate) throws PkiException {
    byte[] extension = certificate.getExtensionValue(SUBJECT_ALTERNATIVE_NAME);
    if (extension == null) {
      return new SubjectNames(List.of(), List.of());
    }
    return parse(extension);
  }

  /** Reads the extension's value: an octet string that holds the names. */
  static SubjectNames parse(byte[] extension) throws PkiException {
    try {
      return of(GeneralNames.getInstance(ASN1OctetString.getInstance(extension).getOctets()));
    } catch (RuntimeException e) {
      throw new PkiException(Reason.MALFORMED, "a subject alternative name that is not ASN.1", e);
    } catch (StackOverflowError e) {
      throw new PkiException(
          Reason.MALFORMED, "a subject alternative name that is nested too deeply");
    }
  }

  /**
   * The one SPIFFE ID. X509-SVID 2: "An X.509 SVID MUST contain exactly one URI SAN", and identity
   * never comes from a DNS name or the subject (CVE-2022-21656).
   */
  public SpiffeId spiffeId() throws PkiException {
    if (uris.size() != 1) {
      throw new PkiException(
          Reason.BAD_IDENTITY,
          "the certificate has "
              + uris.size()
              + " URI names; a workload certificate has exactly one");
    }
    return SpiffeId.parse(uris.getFirst());
  }

  private static SubjectNames of(GeneralNames names) throws PkiException {
    List<String> uris = new ArrayList<>();
    List<String> dnsNames = new ArrayList<>();
    for (GeneralName name : names.getNames()) {
      switch (name.getTagNo()) {
        case GeneralName.uniformResourceIdentifier -> uris.add(text(name));
        case GeneralName.dNSName -> dnsNames.add(text(name));
        case GeneralName.rfc822Name -> text(name);
        case GeneralName.otherName -> refuseNul(name);
        default -> {} // addresses and directory names carry no identity here
      }
    }
    return new SubjectNames(uris, dnsNames);
  }

  private static String text(GeneralName name) throws PkiException {
    String text = ASN1IA5String.getInstance(name.getName()).getString();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < 0x20 || text.charAt(i) >= 0x7f) {
        throw new PkiException(
            Reason.BAD_IDENTITY, "a subject alternative name holds a control character or a NUL");
      }
    }
    return text;
  }

  private static void refuseNul(GeneralName name) throws PkiException {
    String shown = name.getName().toString();
    if (shown.indexOf('\0') >= 0) {
      throw new PkiException(Reason.BAD_IDENTITY, "a subject alternative name holds a NUL");
    }
  }
}
