package io.selvage.ca;

import io.selvage.pki.WorkloadCertificate;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Serves the certificate of the moment to each handshake. Its alias names the certificate, so that
 * a handshake that began before a renewal ends with the key that it began with.
 */
public final class ServingKeyManager extends X509ExtendedKeyManager {
  private final Supplier<WorkloadCertificate> serving;
  private volatile WorkloadCertificate previous;
  private volatile WorkloadCertificate latest;

  /** Serves what {@code serving} gives at each handshake. */
  public ServingKeyManager(Supplier<WorkloadCertificate> serving) {
    this.serving = serving;
    this.latest = serving.get();
    this.previous = latest;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return chooseServerAlias(keyType, issuers, null);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    WorkloadCertificate now = current();
    String algorithm = now.privateKey().getAlgorithm();
    return keyType.startsWith(algorithm) ? now.sha256Hex() : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    WorkloadCertificate chosen = named(alias);
    return chosen == null ? null : chosen.certificates().toArray(new X509Certificate[0]);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    WorkloadCertificate chosen = named(alias);
    return chosen == null ? null : chosen.privateKey();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {current().sha256Hex()};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  private synchronized WorkloadCertificate current() {
    WorkloadCertificate now = serving.get();
    if (!now.sha256Hex().equals(latest.sha256Hex())) {
      previous = latest;
      latest = now;
    }
    return now;
  }

  private @Nullable WorkloadCertificate named(String alias) {
    WorkloadCertificate newest = latest;
    if (alias.equals(newest.sha256Hex())) {
      return newest;
    }
    WorkloadCertificate before = previous;
    return alias.equals(before.sha256Hex()) ? before : null;
  }
}
