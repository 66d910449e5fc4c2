package io.selvage.cli.agent;

import io.selvage.ca.client.IssuedCertificate;
import io.selvage.proxy.tls.FileSecrets;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.NodeIdentity;
import io.selvage.xds.server.NodeSnapshot;
import io.selvage.xds.server.ResourceSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The secrets of one workload: its certificate as {@code default}, the roots that came with it as
 * {@code ROOTCA}, and those files of this machine that the proxy asks for.
 */
final class AgentSecrets implements ResourceSource {
  /** As many as one proxy may ask for. */
  private static final int MOST_FILES = 1_000;

  private final Map<String, EncodedResource> known = new TreeMap<>();
  private final Map<String, Optional<EncodedResource>> files = new TreeMap<>();
  private NodeSnapshot snapshot = NodeSnapshot.EMPTY;

  synchronized void issued(IssuedCertificate issued) {
    put(new Secret.Certificate(TlsSettings.WORKLOAD_CERTIFICATE, issued.certificate()));
    put(new Secret.Validation(TlsSettings.TRUST_BUNDLE, issued.roots()));
    renew();
  }

  private void put(Secret secret) {
    known.put(secret.name(), EncodedResource.of(secret));
  }

  /** From now on the files of that name are among the secrets, if they can be read. */
  synchronized void want(String name) {
    if (TlsSettings.isOfFiles(name) && !files.containsKey(name) && files.size() < MOST_FILES) {
      files.put(name, read(name));
      renew();
    }
  }

  /** Reads all files again; says whether one is another than before. */
  synchronized boolean readAnew() {
    boolean changed = false;
    for (var entry : files.entrySet()) {
      Optional<EncodedResource> now = read(entry.getKey());
      if (now.isPresent() && !now.equals(entry.getValue())) {
        entry.setValue(now);
        changed = true;
      }
    }
    if (changed) {
      renew();
    }
    return changed;
  }

  private static Optional<EncodedResource> read(String name) {
    return FileSecrets.read(name).map(EncodedResource::of);
  }

  private void renew() {
    var all = new TreeMap<>(known);
    files.forEach((name, secret) -> secret.ifPresent(found -> all.put(name, found)));
    snapshot = NodeSnapshot.of(all.values());
  }

  @Override
  public synchronized NodeSnapshot snapshot(NodeIdentity node) {
    return snapshot;
  }
}
