package io.selvage.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of TLS under one set of settings. A rotated certificate or a new bundle holds
 * from the next handshake on; connections that are open don't notice.
 */
public final class ServerTls {
  /**
   * What one connection needs.
   *
   * @param handler for the pipeline
   * @param peerCheck who the peer is; empty when clients are not asked for a certificate
   * @param own what this side presents
   */
  public record Session(
      SslHandler handler, Optional<PeerCheck> peerCheck, WorkloadCertificate own) {}

  private record Built(
      long version, SslContext context, Optional<PeerCheck> check, WorkloadCertificate own) {}

  private final TlsSettings.Downstream settings;
  private final KeyMaterial material;
  private final InstantSource clock;
  private @Nullable Built built;
  private boolean closed;

  ServerTls(TlsSettings.Downstream settings, KeyMaterial material, InstantSource clock) {
    this.settings = settings;
    this.material = material;
    this.clock = clock;
  }

  /** A handler for one connection, with what holds now. */
  public synchronized Session accept(ByteBufAllocator alloc) throws TlsNotReady {
    if (closed) {
      throw new TlsNotReady("the filter chain is no longer configured");
    }
    KeyMaterial.Snapshot now = material.current();
    Built ready = built;
    if (ready == null || ready.version() != now.version()) {
      Built before = ready;
      ready = build(now);
      built = ready;
      if (before != null) {
        ReferenceCountUtil.release(before.context());
      }
    }
    SslHandler handler = Contexts.withoutTickets(ready.context().newHandler(alloc));
    return new Session(handler, ready.check(), ready.own());
  }

  /** No more connections; those that are open keep what they need. */
  synchronized void close() {
    closed = true;
    if (built != null) {
      ReferenceCountUtil.release(built.context());
      built = null;
    }
  }

  private Built build(KeyMaterial.Snapshot now) throws TlsNotReady {
    String name = settings.certificateSecret().orElse(TlsSettings.WORKLOAD_CERTIFICATE);
    WorkloadCertificate own = now.certificate(name);
    if (own == null) {
      throw new TlsNotReady("no certificate '" + name + "' has been issued to this workload yet");
    }
    Optional<PeerCheck> check = check(now, own);
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(own.privateKey(), Contexts.chain(own))
              .clientAuth(clientAuth(check));
      check.ifPresent(builder::trustManager);
      SslContext context = Contexts.build(builder, settings, settings.alpn());
      return new Built(now.version(), context, check, own);
    } catch (SSLException e) {
      throw new TlsNotReady("TLS cannot be set up with " + own, e);
    }
  }

  private ClientAuth clientAuth(Optional<PeerCheck> check) {
    if (settings.requireClientCertificate()) {
      return ClientAuth.REQUIRE;
    }
    return check.isPresent() ? ClientAuth.OPTIONAL : ClientAuth.NONE;
  }

  private Optional<PeerCheck> check(KeyMaterial.Snapshot now, WorkloadCertificate own)
      throws TlsNotReady {
    if (settings.validationSecret().isEmpty()) {
      if (settings.requireClientCertificate()) {
        throw new TlsNotReady("clients must show a certificate and no roots are named for it");
      }
      return Optional.empty();
    }
    String name = settings.validationSecret().get();
    Secret.Validation roots = now.validation(name);
    if (roots == null) {
      throw new TlsNotReady("the roots '" + name + "' have not come yet");
    }
    return Optional.of(new PeerCheck(roots, own.spiffeId().trustDomain(), settings, clock));
  }
}
