package io.selvage.control.kubernetes.webhook;

import java.net.InetSocketAddress;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.BiConsumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * TLS that tells of the handshakes that fail: the JDK's HTTPS server ends such connections without
 * a word, and only the caller would know that it does not trust what is served.
 */
final class ToldContext extends SSLContext {
  /**
   * The same as another.
   *
   * @param failed told of the caller and of what went wrong
   */
  ToldContext(SSLContext same, BiConsumer<InetSocketAddress, SSLException> failed) {
    super(new Told(same, failed), same.getProvider(), same.getProtocol());
  }

  private static final class Told extends SSLContextSpi {
    private final SSLContext same;
    private final BiConsumer<InetSocketAddress, SSLException> failed;

    Told(SSLContext same, BiConsumer<InetSocketAddress, SSLException> failed) {
      this.same = same;
      this.failed = failed;
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return same.createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return new ToldEngine(same.createSSLEngine(host, port), failed);
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trusted, SecureRandom random)
        throws KeyManagementException {
      throw new KeyManagementException("it is made of one that was initialised");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return same.getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return same.getServerSocketFactory();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return same.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return same.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return same.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return same.getSupportedSSLParameters();
    }
  }
}
