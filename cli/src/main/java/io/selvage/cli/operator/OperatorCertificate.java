package io.selvage.cli.operator;

import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.ca.client.IssuedCertificate;
import io.selvage.cli.state.Invitation;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A certificate for an operator's tools, in the three files that Istio's take from a folder. The
 * key is made here and written for its owner alone.
 */
public final class OperatorCertificate {
  private static final Duration LIFE = Duration.ofHours(1);

  private OperatorCertificate() {}

  /**
   * Asks the CA for one and writes it.
   *
   * @param folder made when it is not there, for its owner alone
   * @throws IOException when the CA gives none, or the files cannot be written
   */
  public static void request(Invitation invitation, Path folder)
      throws IOException, InterruptedException {
    URI ca = URI.create("tls://" + invitation.ca());
    IssuedCertificate issued;
    try {
      TrustBundle roots = TrustBundle.parse(invitation.roots());
      issued =
          new CertificateClient(
                  CertificateClient.Settings.of(
                          ca.getHost(),
                          ca.getPort(),
                          invitation.serverName(),
                          invitation.metadata().getOrDefault(Invitation.CLUSTER_ID, ""))
                      .withTtl(LIFE),
                  () -> roots,
                  () -> Optional.of(invitation.token()),
                  Thread::sleep,
                  InstantSource.system(),
                  new SecureRandom())
              .request(Optional.empty());
    } catch (PkiException | CertificateRequestFailed e) {
      throw new IOException("no certificate for an operator: " + e.getMessage(), e);
    }
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    write(folder.resolve("root-cert.pem"), issued.roots().pem());
    write(folder.resolve("key.pem"), issued.certificate().privateKeyPem());
    write(folder.resolve("cert-chain.pem"), issued.certificate().chainPem());
  }

  private static void write(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
