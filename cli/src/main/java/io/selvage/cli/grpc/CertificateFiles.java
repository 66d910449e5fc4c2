package io.selvage.cli.grpc;

import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Key, chain and roots of a workload as files that always fit together. Each set of them is a
 * folder of its own, and one link, replaced in one step, says which folder counts: as Kubernetes
 * mounts secrets. Only their owner can read them.
 */
public final class CertificateFiles {
  static final String KEY = "key.pem";
  static final String CHAIN = "cert-chain.pem";
  static final String ROOTS = "root-cert.pem";

  private static final String CURRENT = "..data";
  private static final String NEXT = "..next";
  private static final String SET = "..set-";
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;

  private CertificateFiles(Path directory) {
    this.directory = directory;
  }

  /** Makes the directory, for its owner alone, when it is not there. */
  public static CertificateFiles in(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    return new CertificateFiles(directory);
  }

  /** Has these count from now on. */
  public synchronized void replace(WorkloadCertificate certificate, TrustBundle roots)
      throws IOException {
    Path set = Files.createTempDirectory(directory, SET);
    write(set.resolve(KEY), certificate.privateKeyPem());
    write(set.resolve(CHAIN), certificate.chainPem());
    write(set.resolve(ROOTS), roots.pem());
    Path next = directory.resolve(NEXT);
    Files.deleteIfExists(next);
    Files.createSymbolicLink(next, set.getFileName());
    Files.move(
        next,
        directory.resolve(CURRENT),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    for (String file : List.of(KEY, CHAIN, ROOTS)) {
      if (!Files.isSymbolicLink(directory.resolve(file))) {
        Files.createSymbolicLink(directory.resolve(file), Path.of(CURRENT, file));
      }
    }
    removeAllBut(set);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createFile(file, OWNER_ONLY);
    Files.writeString(file, text, StandardCharsets.US_ASCII, StandardOpenOption.SYNC);
  }

  private void removeAllBut(Path set) throws IOException {
    List<Path> old;
    try (Stream<Path> all = Files.list(directory)) {
      old =
          all.filter(path -> path.getFileName().toString().startsWith(SET))
              .filter(path -> !path.equals(set))
              .toList();
    }
    for (Path folder : old) {
      for (String file : List.of(KEY, CHAIN, ROOTS)) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.delete(folder);
    }
  }
}
