package io.selvage.proxy.tls;

import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets that a {@code DestinationRule} names as files of this machine: {@code
 * file-root:PATH}, {@code file-cert:CHAIN~KEY}, and {@code file-root:system}, the Java platform's
 * own roots. No control plane has them; Istio's agent answers for them as this does.
 */
public final class FileSecrets {
  /** A file cannot be used; connections that need it fail until it can. */
  static final String UNREADABLE = "SLV5020";

  private static final Logger LOG = LoggerFactory.getLogger(FileSecrets.class);
  private static final String SYSTEM = TlsSettings.FILE_ROOT + "system";

  private FileSecrets() {}

  /**
   * Reads what {@code settings} name; blocks.
   *
   * @return those that are others than {@code held}
   */
  public static List<Secret> changed(Collection<TlsSettings> settings, KeyMaterial.Snapshot held) {
    Set<String> names = new TreeSet<>();
    for (TlsSettings one : settings) {
      one.certificateSecret().filter(TlsSettings::isOfFiles).ifPresent(names::add);
      one.validationSecret().filter(TlsSettings::isOfFiles).ifPresent(names::add);
    }
    List<Secret> changed = new ArrayList<>();
    for (String name : names) {
      read(name).filter(secret -> !isHeld(secret, held)).ifPresent(changed::add);
    }
    return changed;
  }

  private static boolean isHeld(Secret secret, KeyMaterial.Snapshot held) {
    return switch (secret) {
      case Secret.Validation(String name, TrustBundle roots, var _) ->
          roots.equals(held.roots(name));
      case Secret.Certificate(String name, WorkloadCertificate read) -> {
        @Nullable WorkloadCertificate before = held.certificate(name);
        yield before != null && before.sha256Hex().equals(read.sha256Hex());
      }
    };
  }

  /** The secret of that name; empty, and said in the log, when its files cannot be used. Blocks. */
  public static Optional<Secret> read(String name) {
    try {
      return Optional.of(
          name.startsWith(TlsSettings.FILE_ROOT)
              ? new Secret.Validation(name, roots(name))
              : new Secret.Certificate(name, certificate(name)));
    } catch (IOException | PkiException | GeneralSecurityException e) {
      LOG.error(
          "{} the secret {} of a destination rule cannot be read, so connections that need it fail:"
              + " {}",
          UNREADABLE,
          name,
          e.toString());
      return Optional.empty();
    }
  }

  private static TrustBundle roots(String name)
      throws IOException, PkiException, GeneralSecurityException {
    return name.equals(SYSTEM)
        ? systemRoots()
        : TrustBundle.parse(
            Files.readString(Path.of(name.substring(TlsSettings.FILE_ROOT.length()))));
  }

  private static TrustBundle systemRoots() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    List<X509Certificate> roots = new ArrayList<>();
    for (var trust : factory.getTrustManagers()) {
      if (trust instanceof X509TrustManager path) {
        roots.addAll(List.of(path.getAcceptedIssuers()));
      }
    }
    return TrustBundle.of(roots);
  }

  private static WorkloadCertificate certificate(String name) throws IOException, PkiException {
    String[] files = name.substring(TlsSettings.FILE_CERTIFICATE.length()).split("~", 2);
    if (files.length < 2) {
      throw new IOException("it names no key beside the chain");
    }
    return WorkloadCertificate.parse(
        Files.readString(Path.of(files[0])), Files.readString(Path.of(files[1])));
  }
}
