package io.selvage.it.conformance;

import io.selvage.pki.PkiException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** The client's side of TLS: shows whatever certificate a case says, to servers of the mesh. */
final class ClientTls {
  private final CaseAuthority authority;
  private final TrustManagerFactory trust;

  /** The JDK resumes sessions by the peer's name, so each connection has a peer of its own. */
  private final AtomicLong connections = new AtomicLong();

  private final Map<String, SSLContext> contexts = new HashMap<>();

  ClientTls(CaseAuthority authority) throws GeneralSecurityException, IOException {
    this.authority = authority;
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry("mesh", authority.root());
    trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(roots);
  }

  /** TLS over a connection, the handshake being done. */
  SSLSocket over(Socket connection, Request request)
      throws IOException, GeneralSecurityException, PkiException {
    SSLSocket socket =
        (SSLSocket)
            context(request)
                .getSocketFactory()
                .createSocket(connection, "connection-" + connections.incrementAndGet(), 1, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(request.offered().toArray(String[]::new));
    String name = request.serverName();
    parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new Name(name)));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private synchronized SSLContext context(Request request)
      throws GeneralSecurityException, PkiException {
    String key = request.as().orElse("") + "/" + request.certificate();
    SSLContext known = contexts.get(key);
    if (known == null) {
      Optional<CaseAuthority.Shown> shown =
          request.certificate() == Request.Certificate.NONE
              ? Optional.empty()
              : Optional.of(authority.shown(request.as().orElseThrow(), request.certificate()));
      known = SSLContext.getInstance("TLS");
      known.init(
          shown.map(each -> new KeyManager[] {new OneKey(each)}).orElseGet(() -> new KeyManager[0]),
          trust.getTrustManagers(),
          new SecureRandom());
      contexts.put(key, known);
    }
    return known;
  }

  /** A host's name that the JDK's own class refuses, since Istio's have underscores. */
  private static final class Name extends SNIServerName {
    Name(String name) {
      super(StandardConstants.SNI_HOST_NAME, name.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** One key for everything, whatever the server asks for. */
  private static final class OneKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "client";
    private final CaseAuthority.Shown shown;

    OneKey(CaseAuthority.Shown shown) {
      this.shown = shown;
    }

    private @Nullable String chosen(String[] types) {
      return List.of(types).contains("EC") ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return chosen(types);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return chosen(types);
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
      return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return shown.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return shown.key();
    }
  }
}
