package io.selvage.ca.roots;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.PkiException.Reason;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A CA that the user brings, in the four files of Istio's {@code cacerts}: {@code ca-cert.pem},
 * {@code ca-key.pem}, {@code cert-chain.pem}, {@code root-cert.pem}.
 *
 * @param credentials what signs, checked up to a root of {@code root-cert.pem}
 * @param roots all of {@code root-cert.pem}
 */
public record PluggedInCa(CaCredentials credentials, TrustBundle roots) {
  private static final int MAX_DEPTH = 8;

  /** The four texts, by the names of the files. */
  private interface Texts {
    String text(String name) throws IOException, PkiException;
  }

  /** Reads and checks; each refusal names the file and what is wrong with it. */
  public static PluggedInCa load(Path directory, Instant now) throws IOException, PkiException {
    return read(directory.toString(), name -> text(directory, name), now);
  }

  /**
   * Checks texts that come from elsewhere, such as a Secret.
   *
   * @param where what refusals name
   * @param texts by the names of the files
   */
  public static PluggedInCa of(String where, Map<String, String> texts, Instant now)
      throws PkiException {
    try {
      return read(where, name -> text(texts, name), now);
    } catch (IOException e) {
      throw new IllegalStateException("texts in memory cannot fail to be read", e);
    }
  }

  private static PluggedInCa read(String directory, Texts texts, Instant now)
      throws IOException, PkiException {
    List<X509Certificate> issuers = certificates(directory, texts, "ca-cert.pem");
    PrivateKey key = key(directory, texts);
    List<X509Certificate> chain = new ArrayList<>(issuers.subList(1, issuers.size()));
    chain.addAll(certificates(directory, texts, "cert-chain.pem"));
    List<X509Certificate> roots = certificates(directory, texts, "root-cert.pem");
    try {
      List<X509Certificate> path = path(issuers.getFirst(), chain, roots);
      return new PluggedInCa(CaCredentials.of(key, path, now), TrustBundle.parse(Pem.of(roots)));
    } catch (PkiException e) {
      throw named(directory, "ca-cert.pem, ca-key.pem, cert-chain.pem, root-cert.pem", e);
    }
  }

  private static List<X509Certificate> path(
      X509Certificate issuer, List<X509Certificate> chain, List<X509Certificate> roots)
      throws PkiException {
    List<X509Certificate> path = new ArrayList<>(List.of(issuer));
    while (!roots.contains(path.getLast())) {
      X509Certificate last = path.getLast();
      Optional<X509Certificate> next =
          Stream.concat(roots.stream(), chain.stream()).filter(c -> signed(c, last)).findFirst();
      if (next.isEmpty() || path.contains(next.get()) || path.size() > MAX_DEPTH) {
        throw new PkiException(
            Reason.BROKEN_CHAIN,
            "\""
                + last.getSubjectX500Principal()
                + "\" was issued by \""
                + last.getIssuerX500Principal()
                + "\", and neither cert-chain.pem nor root-cert.pem holds an issuer of that name and key");
      }
      path.add(next.get());
    }
    return path;
  }

  private static boolean signed(X509Certificate issuer, X509Certificate certificate) {
    if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static List<X509Certificate> certificates(String directory, Texts texts, String name)
      throws IOException, PkiException {
    try {
      return Pem.certificates(texts.text(name));
    } catch (PkiException e) {
      throw named(directory, name, e);
    }
  }

  private static PrivateKey key(String directory, Texts texts) throws IOException, PkiException {
    try {
      return Pem.privateKey(texts.text("ca-key.pem"));
    } catch (PkiException e) {
      throw named(directory, "ca-key.pem", e);
    }
  }

  private static String text(Path directory, String name) throws IOException, PkiException {
    Path file = directory.resolve(name);
    try {
      if (Files.size(file) > Pem.MAX_CHARS) {
        throw new PkiException(Reason.TOO_LARGE, "the file is larger than 1 MiB");
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new PkiException(Reason.MALFORMED, "the file is missing", e);
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new PkiException(Reason.MALFORMED, "the file is no text", e);
    }
  }

  private static String text(Map<String, String> texts, String name) throws PkiException {
    String text = texts.get(name);
    if (text == null) {
      throw new PkiException(Reason.MALFORMED, "the file is missing");
    }
    if (text.length() > Pem.MAX_CHARS) {
      throw new PkiException(Reason.TOO_LARGE, "the file is larger than 1 MiB");
    }
    return text;
  }

  private static PkiException named(String directory, String name, PkiException e) {
    return new PkiException(
        e.reason(), "plug-in CA in " + directory + " (" + name + "): " + e.getMessage(), e);
  }
}
