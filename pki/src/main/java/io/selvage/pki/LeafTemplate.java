package io.selvage.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** What all leaves of one issuer share, encoded once; the rest is filled in for each. */
final class LeafTemplate {
  private final X500Name issuer;
  private final X500Name subject;
  private final boolean namesAreCritical;
  private final List<Extension> shared;

  private LeafTemplate(X500Name issuer, X500Name subject, List<Extension> shared) {
    this.issuer = issuer;
    this.subject = subject;
    this.namesAreCritical = subject.getRDNs().length == 0;
    this.shared = List.copyOf(shared);
  }

  /** Key usage and extended key usage as Istio sets them. */
  static LeafTemplate of(CaCredentials credentials, CaProfile profile) throws PkiException {
    try {
      KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
      List<Extension> shared = new ArrayList<>();
      shared.add(
          extension(
              Extension.keyUsage,
              true,
              new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment)));
      shared.add(extension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes)));
      shared.add(extension(Extension.basicConstraints, true, new BasicConstraints(false)));
      shared.add(
          extension(
              Extension.authorityKeyIdentifier,
              false,
              new AuthorityKeyIdentifier(CertificateBuilding.keyIdentifier(credentials.issuer()))));
      return new LeafTemplate(
          CertificateBuilding.name(credentials.issuer().getSubjectX500Principal()),
          CertificateBuilding.name(profile.leafSubject()),
          shared);
    } catch (IOException e) {
      throw new PkiException(
          PkiException.Reason.SIGNING_FAILED, "cannot encode the leaf template", e);
    }
  }

  CertificateBuilding.Parts fill(
      CertificateRequest request,
      SpiffeId id,
      List<String> dnsNames,
      Instant notBefore,
      Instant notAfter,
      BigInteger serial)
      throws IOException {
    GeneralName[] names = new GeneralName[1 + dnsNames.size()];
    names[0] = new GeneralName(GeneralName.uniformResourceIdentifier, id.toString());
    for (int i = 0; i < dnsNames.size(); i++) {
      names[i + 1] = new GeneralName(GeneralName.dNSName, dnsNames.get(i));
    }
    Extension[] extensions = shared.toArray(new Extension[shared.size() + 1]);
    extensions[shared.size()] =
        extension(Extension.subjectAlternativeName, namesAreCritical, new GeneralNames(names));
    return new CertificateBuilding.Parts(
        issuer,
        subject,
        request.keyInfo(),
        notBefore,
        notAfter,
        serial,
        new Extensions(extensions));
  }

  private static Extension extension(
      org.bouncycastle.asn1.ASN1ObjectIdentifier id,
      boolean critical,
      org.bouncycastle.asn1.ASN1Object value)
      throws IOException {
    return new Extension(id, critical, value.getEncoded(ASN1Encoding.DER));
  }
}
