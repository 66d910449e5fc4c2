package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedCollection;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The roots that one mesh trusts, each once, in a fixed order; immutable.
 *
 * <p>During a root rotation it holds the old and the new root. An empty bundle trusts nobody.
 */
public final class TrustBundle {
  private static final TrustBundle EMPTY = new TrustBundle(Map.of());
  private static final int MAX_ROOTS = 100;

  private final List<X509Certificate> roots;
  private final List<String> fingerprints;

  private TrustBundle(Map<String, X509Certificate> byFingerprint) {
    this.roots = List.copyOf(byFingerprint.values());
    this.fingerprints = List.copyOf(byFingerprint.keySet());
  }

  /** Trusts nobody. */
  public static TrustBundle empty() {
    return EMPTY;
  }

  /** Keeps the first of equal roots. */
  public static TrustBundle of(SequencedCollection<X509Certificate> roots) {
    Map<String, X509Certificate> distinct = new LinkedHashMap<>();
    roots.forEach(root -> distinct.putIfAbsent(Fingerprint.sha256Hex(root), root));
    return new TrustBundle(distinct);
  }

  public static TrustBundle of(X509Certificate root) {
    return of(List.of(root));
  }

  /** Reads the roots of a PEM text; every one must be a CA certificate. */
  public static TrustBundle parse(String pem) throws PkiException {
    List<X509Certificate> roots = Pem.certificates(pem);
    if (roots.size() > MAX_ROOTS) {
      throw new PkiException(
          Reason.TOO_LARGE, "a trust bundle of " + roots.size() + " roots; at most 100");
    }
    for (X509Certificate root : roots) {
      if (root.getBasicConstraints() < 0) {
        throw new PkiException(
            Reason.NOT_A_CA,
            "trust bundle holds " + root.getSubjectX500Principal() + ", which is not CA:TRUE");
      }
    }
    return of(roots);
  }

  public List<X509Certificate> roots() {
    return roots;
  }

  /** SHA-256 fingerprints of the roots, hexadecimal, in the bundle's order. */
  public List<String> fingerprints() {
    return fingerprints;
  }

  public boolean isEmpty() {
    return roots.isEmpty();
  }

  public boolean contains(X509Certificate root) {
    return fingerprints.contains(Fingerprint.sha256Hex(root));
  }

  /** This bundle with one more root at its end. */
  public TrustBundle with(X509Certificate root) {
    return withAll(List.of(root));
  }

  /** This bundle with the roots of another at its end. */
  public TrustBundle withAll(Collection<X509Certificate> more) {
    List<X509Certificate> all = new ArrayList<>(roots);
    all.addAll(more);
    return of(all);
  }

  /** This bundle without the root of that fingerprint. */
  public TrustBundle without(String fingerprint) {
    return of(roots.stream().filter(r -> !Fingerprint.sha256Hex(r).equals(fingerprint)).toList());
  }

  /** All roots as PEM, each block ending in a newline. */
  public String pem() {
    return Pem.of(roots);
  }

  /**
   * The JDK's trust manager over these roots: for servers that are known by their DNS name, such as
   * the CA and the control plane, which it checks as the TLS engine asks.
   *
   * <p>Roots go in under their fingerprints. gRPC's and Netty's own readers of PEM roots use the
   * subject as the key, so that of two roots with one subject, as in every rotation of an Istio
   * root, only the last is trusted.
   */
  public X509ExtendedTrustManager hostTrustManager() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry(fingerprints.get(i), roots.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this JDK cannot hold roots in memory", e);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TrustBundle that && fingerprints.equals(that.fingerprints);
  }

  @Override
  public int hashCode() {
    return fingerprints.hashCode();
  }

  @Override
  public String toString() {
    return "TrustBundle" + fingerprints.stream().map(f -> f.substring(0, 12)).toList();
  }
}
