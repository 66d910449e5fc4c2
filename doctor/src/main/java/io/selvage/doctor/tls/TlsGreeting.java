package io.selvage.doctor.tls;

import io.selvage.doctor.evidence.Handshake.Served;
import io.selvage.pki.Pem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Greets a TLS server as {@code openssl s_client -showcerts} does, to see what it shows: the chain
 * as it is sent, trusted or not. Nothing is sent over the connection and nothing of it is believed:
 * the checks judge the chain.
 */
public final class TlsGreeting {
  private final Duration limit;

  /**
   * Prepares it.
   *
   * @param limit of each step
   */
  public TlsGreeting(Duration limit) {
    this.limit = limit;
  }

  /**
   * Greets.
   *
   * @param serverName SNI; none when empty
   * @param protocols ALPN, the most wanted first
   * @throws IOException when no certificate is shown
   */
  public Served greet(InetSocketAddress at, String serverName, List<String> protocols)
      throws IOException {
    Witness witness = new Witness();
    int millis = Math.toIntExact(limit.toMillis());
    try (Socket socket = new Socket()) {
      socket.connect(at, millis);
      socket.setSoTimeout(millis);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {witness}, null);
      try (SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(socket, serverName, 0, true)) {
        SSLParameters parameters = tls.getSSLParameters();
        List<SNIServerName> names =
            serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName));
        parameters.setServerNames(names);
        parameters.setApplicationProtocols(protocols.toArray(String[]::new));
        tls.setSSLParameters(parameters);
        return greeted(tls, witness);
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static Served greeted(SSLSocket tls, Witness witness) throws IOException {
    try {
      tls.startHandshake();
    } catch (IOException e) {
      // a TLS 1.2 server that wants a certificate of ours has shown its own by then
      if (witness.seen.isEmpty()) {
        throw e;
      }
    }
    String chosen = tls.getApplicationProtocol();
    return new Served(
        witness.seen.stream().map(Pem::of).toList(),
        witness.protocol,
        witness.cipher,
        chosen == null ? "" : chosen);
  }

  /** Looks at every certificate and vouches for none. */
  private static final class Witness extends X509ExtendedTrustManager {
    private final List<X509Certificate> seen = new ArrayList<>();
    private String protocol = "";
    private String cipher = "";

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      seen.addAll(List.of(chain));
      if (socket instanceof SSLSocket tls) {
        SSLSession session = tls.getHandshakeSession();
        protocol = session.getProtocol();
        cipher = session.getCipherSuite();
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new UnsupportedOperationException("it has a socket");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("it has a socket");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new UnsupportedOperationException("it is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new UnsupportedOperationException("it is no server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("it is no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
