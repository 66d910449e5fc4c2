package io.selvage.proxy;

import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A TLS client of the JDK's that shows any certificate and takes any server. A server's certificate
 * is judged in full handshakes only, which is how a resumed one is told apart.
 */
final class TlsClient {
  private final SSLContext context;
  private final AtomicInteger fullHandshakes = new AtomicInteger();

  private TlsClient(KeyManager[] keys) throws Exception {
    context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {new Anyone()}, null);
  }

  /** One without certificate. */
  static TlsClient nobody() throws Exception {
    return new TlsClient(new KeyManager[0]);
  }

  static TlsClient of(WorkloadCertificate certificate) throws Exception {
    return of(certificate.privateKey(), certificate.certificates().toArray(Certificate[]::new));
  }

  static TlsClient of(PrivateKey key, Certificate... chain) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", key, new char[0], chain);
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, new char[0]);
    return new TlsClient(factory.getKeyManagers());
  }

  /** A connection whose handshake is over, as far as the client can tell. */
  SSLSocket connect(InetSocketAddress to, String version, String... alpn) throws IOException {
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), to.getPort());
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, "httpbin", to.getPort(), true);
    socket.setSoTimeout(10_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(alpn);
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  int fullHandshakes() {
    return fullHandshakes.get();
  }

  private final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      fullHandshakes.incrementAndGet();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      fullHandshakes.incrementAndGet();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      fullHandshakes.incrementAndGet();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new UnsupportedOperationException("a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new UnsupportedOperationException("a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
