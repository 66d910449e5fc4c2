package io.selvage.doctor.mesh;

import io.selvage.pki.Fingerprint;
import io.selvage.pki.TrustBundle;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** How certificates, times and long lists are written for people. */
public final class Shown {
  private static final int SOME = 5;

  private Shown() {}

  /** The first bytes of a SHA-256 fingerprint, {@code aa:13:0c:77}. */
  public static String fingerprint(X509Certificate certificate) {
    return shortened(Fingerprint.sha256Hex(certificate));
  }

  /** Of all roots of a bundle. */
  public static String fingerprints(TrustBundle bundle) {
    return bundle.isEmpty()
        ? "nothing"
        : bundle.fingerprints().stream().map(Shown::shortened).collect(Collectors.joining(", "));
  }

  private static String shortened(String hex) {
    return String.join(
        ":", hex.substring(0, 2), hex.substring(2, 4), hex.substring(4, 6), hex.substring(6, 8));
  }

  /** A certificate's subject with its fingerprint. */
  public static String certificate(X509Certificate certificate) {
    return "\"%s\" (%s)".formatted(certificate.getSubjectX500Principal(), fingerprint(certificate));
  }

  /** {@code 12 d}, {@code 5 h}, {@code 312 s}: the largest unit of which there are two. */
  public static String duration(Duration duration) {
    Duration length = duration.abs();
    if (length.toDays() >= 2) {
      return length.toDays() + " d";
    }
    if (length.toHours() >= 2) {
      return length.toHours() + " h";
    }
    return length.toMinutes() >= 10 ? length.toMinutes() + " min" : length.toSeconds() + " s";
  }

  /** The first few, and how many more there are. */
  public static String some(Collection<String> all) {
    List<String> first = all.stream().limit(SOME).toList();
    return String.join(", ", first)
        + (all.size() > SOME ? " and " + (all.size() - SOME) + " more" : "");
  }
}
