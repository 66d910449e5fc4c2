package io.selvage.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/** The client's side of TLS under one set of settings; key material as in {@link ServerTls}. */
public final class ClientTls {
  /** What the connection will carry, which decides on the protocols that are offered. */
  public enum Payload {
    HTTP1(List.of("istio-http/1.1", "istio", "http/1.1")),
    HTTP2(List.of("istio-h2", "istio", "h2")),
    TCP(List.of("istio"));

    // immutable, though the type does not say so
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> istioAlpn;

    Payload(List<String> istioAlpn) {
      this.istioAlpn = istioAlpn;
    }
  }

  private record Built(long version, SslContext context) {}

  private final TlsSettings.Upstream settings;
  private final KeyMaterial material;
  private final InstantSource clock;
  private final Map<Payload, Built> built = new EnumMap<>(Payload.class);

  private boolean closed;

  ClientTls(TlsSettings.Upstream settings, KeyMaterial material, InstantSource clock) {
    this.settings = settings;
    this.material = material;
    this.clock = clock;
  }

  /** A handler for one connection, with what holds now. */
  public synchronized SslHandler connect(ByteBufAllocator alloc, Payload payload)
      throws TlsNotReady {
    if (closed) {
      throw new TlsNotReady("the cluster is no longer configured");
    }
    KeyMaterial.Snapshot now = material.current();
    Built ready = built.get(payload);
    if (ready == null || ready.version() != now.version()) {
      Built before = ready;
      ready = new Built(now.version(), build(now, payload));
      built.put(payload, ready);
      if (before != null) {
        ReferenceCountUtil.release(before.context());
      }
    }
    SslHandler handler = ready.context().newHandler(alloc);
    settings.sni().ifPresent(name -> Contexts.ask(handler, name));
    return Contexts.withoutTickets(handler);
  }

  /** No more connections; those that are open keep what they need. */
  synchronized void close() {
    closed = true;
    built.values().forEach(unused -> ReferenceCountUtil.release(unused.context()));
    built.clear();
  }

  private SslContext build(KeyMaterial.Snapshot now, Payload payload) throws TlsNotReady {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient().endpointIdentificationAlgorithm(null);
      if (settings.certificateSecret().isPresent()) {
        mutual(builder, now, settings.certificateSecret().get());
      } else {
        oneWay(builder, now);
      }
      return Contexts.build(builder, settings, alpn(payload));
    } catch (SSLException e) {
      throw new TlsNotReady("TLS to the upstream cannot be set up", e);
    }
  }

  /** Both ends are workloads of the mesh. */
  private void mutual(SslContextBuilder builder, KeyMaterial.Snapshot now, String name)
      throws TlsNotReady {
    WorkloadCertificate own = now.certificate(name);
    if (own == null) {
      throw new TlsNotReady("no certificate '" + name + "' has been issued to this workload yet");
    }
    builder
        .keyManager(own.privateKey(), Contexts.chain(own))
        .trustManager(new PeerCheck(roots(now), own.spiffeId().trustDomain(), settings, clock));
  }

  /** The server is known by the names in its certificate, and this side by nothing. */
  private void oneWay(SslContextBuilder builder, KeyMaterial.Snapshot now) throws TlsNotReady {
    builder.trustManager(ServerNameCheck.of(roots(now).roots(), settings));
  }

  private Secret.Validation roots(KeyMaterial.Snapshot now) throws TlsNotReady {
    String name = settings.validationSecret().orElse(TlsSettings.TRUST_BUNDLE);
    Secret.Validation roots = now.validation(name);
    if (roots == null) {
      throw new TlsNotReady("the roots '" + name + "' have not come yet");
    }
    return roots;
  }

  /** Istio's own protocols are replaced by those that name the payload, as its ALPN filter does. */
  private List<String> alpn(Payload payload) {
    boolean istio = settings.alpn().stream().anyMatch(name -> name.startsWith("istio"));
    return istio ? payload.istioAlpn : settings.alpn();
  }
}
