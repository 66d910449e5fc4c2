package io.selvage.proxy.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.resource.TlsSettings;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

/** What both sides' TLS contexts have in common. */
final class Contexts {
  private static final List<String> TLS_1_3_SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  private Contexts() {}

  /**
   * A context without sessions to resume: a handshake is always judged by the roots and names that
   * hold now (CVE-2022-21654).
   */
  static SslContext build(SslContextBuilder builder, TlsSettings settings, List<String> alpn)
      throws SSLException {
    builder
        .sslProvider(SslProvider.OPENSSL_REFCNT)
        .protocols(protocols(settings))
        .option(OpenSslContextOption.USE_TASKS, false);
    if (!settings.cipherSuites().isEmpty()) {
      List<String> suites = new ArrayList<>(TLS_1_3_SUITES);
      suites.addAll(settings.cipherSuites());
      builder.ciphers(suites);
    }
    if (!alpn.isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              alpn));
    }
    SslContext context = builder.build();
    ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
    return context;
  }

  /**
   * A handler for one connection that neither gives nor takes session tickets. Netty permits them
   * for each engine anew, whatever its context says.
   */
  static SslHandler withoutTickets(SslHandler handler) {
    if (handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
      SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
    }
    return handler;
  }

  /**
   * Has a client's handler send a server name. Istio's, such as {@code
   * outbound_.8000_._.web.default.svc.cluster.local}, are no host names by RFC 1123: the Java
   * platform refuses them, and Netty silently sends none of those that it takes for the peer's
   * host.
   */
  static void ask(SslHandler handler, String serverName) {
    if (handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
      SSL.setTlsExtHostName(engine.sslPointer(), serverName);
    }
  }

  static X509Certificate[] chain(WorkloadCertificate certificate) {
    return certificate.certificates().toArray(X509Certificate[]::new);
  }

  private static String[] protocols(TlsSettings settings) {
    List<String> names = new ArrayList<>();
    if (settings.minimum() == TlsSettings.Version.TLS_1_2) {
      names.add("TLSv1.2");
    }
    if (settings.maximum() == TlsSettings.Version.TLS_1_3) {
      names.add("TLSv1.3");
    }
    return names.toArray(String[]::new);
  }
}
