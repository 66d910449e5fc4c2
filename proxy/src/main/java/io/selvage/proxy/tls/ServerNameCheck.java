package io.selvage.proxy.tls;

import io.selvage.pki.TrustBundle;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Judges a server outside of the mesh: the JDK's path validation against the roots, then the names
 * that the settings ask for (DestinationRule {@code SIMPLE}).
 */
final class ServerNameCheck extends X509ExtendedTrustManager {
  private final X509TrustManager path;
  private final TlsSettings settings;

  private ServerNameCheck(X509TrustManager path, TlsSettings settings) {
    this.path = path;
    this.settings = settings;
  }

  static ServerNameCheck of(TrustBundle roots, TlsSettings settings) throws TlsNotReady {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < roots.roots().size(); i++) {
        store.setCertificateEntry("root-" + i, roots.roots().get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager path) {
          return new ServerNameCheck(path, settings);
        }
      }
      throw new TlsNotReady("this Java has no path validation");
    } catch (GeneralSecurityException | IOException e) {
      throw new TlsNotReady("the upstream's roots cannot be used", e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    path.checkServerTrusted(chain, authType);
    if (!SubjectNameMatch.holds(settings.peerNames(), chain[0])) {
      throw new CertificateException(
          "the server's certificate has none of the names that the destination rule asks for");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("only servers are judged here");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
