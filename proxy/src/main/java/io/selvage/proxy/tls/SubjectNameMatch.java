package io.selvage.proxy.tls;

import io.selvage.xds.resource.TlsSettings.SanMatch;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/** Whether a certificate has one of the names that a peer must have. */
final class SubjectNameMatch {
  private static final int MAIL = 1;
  private static final int DNS = 2;
  private static final int URI = 6;
  private static final int IP = 7;

  private SubjectNameMatch() {}

  /** True when nothing is asked for, or any subject alternative name is what is asked for. */
  static boolean holds(List<SanMatch> wanted, X509Certificate leaf) {
    return wanted.isEmpty() || wanted.stream().anyMatch(match -> any(match, leaf));
  }

  private static boolean any(SanMatch wanted, X509Certificate leaf) {
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      return names != null && names.stream().anyMatch(name -> matches(wanted, name));
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  private static boolean matches(SanMatch wanted, List<?> name) {
    int type =
        switch (wanted.type()) {
          case URI -> URI;
          case DNS -> DNS;
          case IP_ADDRESS -> IP;
          case EMAIL -> MAIL;
        };
    return name.get(0) instanceof Integer is
        && is == type
        && name.get(1) instanceof String text
        && text.indexOf('\0') < 0
        && (type == DNS ? Names.dns(wanted.match(), text) : Names.matches(wanted.match(), text));
  }
}
