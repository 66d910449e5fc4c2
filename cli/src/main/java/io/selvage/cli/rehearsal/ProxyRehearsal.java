package io.selvage.cli.rehearsal;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.StaticProxy;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.bootstrap.StaticBootstrap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/**
 * A pair of proxies in this process, each from a bootstrap file, with mutual TLS between them and
 * requests through both to a third that answers by itself: what a process that carries one proxy
 * does, and no more, since all that its AOT cache holds is in its memory.
 */
public final class ProxyRehearsal {

  private static final String TRUST_DOMAIN = "cluster.local";
  private static final Duration LIFETIME = Duration.ofHours(1);

  private final ScratchFolder folder;
  private final InstantSource clock;

  private ProxyRehearsal(ScratchFolder folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /**
   * Runs it whole.
   *
   * @return how many requests were answered as the policy has it
   * @throws IOException when a part does not start or a request is not answered as it should be
   */
  public static int run(InstantSource clock, SecureRandom random) throws IOException {
    try (var folder = ScratchFolder.create()) {
      var rehearsal = new ProxyRehearsal(folder, clock);
      rehearsal.writeIdentities(random);
      return rehearsal.run();
    } catch (PkiException | StaticBootstrap.Refused e) {
      throw new IOException(e);
    }
  }

  private int run() throws IOException, StaticBootstrap.Refused {
    try (var backend = proxy("backend.json", new InetSocketAddress(0));
        var server = proxy("server.json", at(backend, "backend"));
        var client = proxy("client.json", at(server, "inbound"))) {
      return Requests.through(
          at(client, "outbound"),
          new Requests.Expected(200, "GET", "http://httpbin.sample:8000/headers"),
          new Requests.Expected(403, "POST", "http://httpbin.sample:8000/anything"));
    }
  }

  private static InetSocketAddress at(StaticProxy proxy, String listener) {
    return Objects.requireNonNull(proxy.listening().get(listener), listener);
  }

  private StaticProxy proxy(String name, InetSocketAddress upstream)
      throws IOException, StaticBootstrap.Refused {
    String text = ScratchFolder.resource(name).replace("65535", "" + upstream.getPort());
    return StaticProxy.start(
        StaticBootstrap.read(folder.write(name, text)),
        new ProxyEngine.Settings(Transport.EPOLL, 1, clock));
  }

  private void writeIdentities(SecureRandom random) throws IOException, PkiException {
    Instant now = clock.instant();
    var credentials =
        CaCredentials.selfSigned(
            new CaProfile.Istiod(TRUST_DOMAIN), KeyAlgorithm.ECDSA_P256, LIFETIME, now, random);
    var ca =
        new CertificateAuthority(
            credentials,
            new CaProfile.Istiod(TRUST_DOMAIN),
            CertificateAuthority.Limits.DEFAULT,
            clock,
            random);
    folder.write("roots.pem", TrustBundle.of(ca.root()).pem());
    writeIdentity(ca, "server", "httpbin");
    writeIdentity(ca, "client", "sleep");
  }

  private void writeIdentity(CertificateAuthority ca, String side, String account)
      throws IOException, PkiException {
    var held =
        ca.issue(
            KeyAlgorithm.ECDSA_P256,
            SpiffeId.workload(TRUST_DOMAIN, "sample", account),
            LIFETIME.dividedBy(2));
    folder.write(side + ".pem", held.chainPem());
    folder.write(side + ".key", held.privateKeyPem());
  }
}
