package io.selvage.proxy.http1;

import io.selvage.pki.CertificateChain;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.SubjectNames;
import io.selvage.pki.VerifiedIdentity;
import io.selvage.xds.resource.NetworkStack.ForwardedClientCert;
import io.selvage.xds.resource.NetworkStack.ForwardedClientCert.Mode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one connection does to {@code X-Forwarded-Client-Cert}: its own element is made once, at the
 * handshake, and put into each request. On a connection without a verified client certificate the
 * header that came is removed in every mode but ALWAYS_FORWARD_ONLY.
 */
public final class Xfcc {
  private static final String NAME = KnownHeader.X_FORWARDED_CLIENT_CERT.lowerName();

  /**
   * What the element says of the peer.
   *
   * @param sha256Hex of the leaf's DER
   * @param subject RFC 2253 text, may be empty
   * @param uris URI names
   * @param dnsNames DNS names
   * @param certPem the leaf
   * @param chainPem all that the peer sent
   */
  record Peer(
      String sha256Hex,
      String subject,
      List<String> uris,
      List<String> dnsNames,
      String certPem,
      String chainPem) {
    static Peer of(VerifiedIdentity identity) {
      CertificateChain chain = identity.chain();
      try {
        SubjectNames names = SubjectNames.of(identity.leaf());
        return new Peer(
            identity.sha256Hex(),
            identity.subject(),
            names.uris(),
            names.dnsNames(),
            Pem.of(identity.leaf()),
            chain.pem());
      } catch (PkiException e) {
        throw new IllegalArgumentException("a verified certificate has names that can be read", e);
      }
    }
  }

  private enum Action {
    KEEP,
    REMOVE,
    SET,
    APPEND
  }

  private final Action action;
  private final String element;
  private final @Nullable HeaderLine line;

  private Xfcc(Action action, String element) {
    this.action = action;
    this.element = element;
    this.line = element.isEmpty() ? null : HeaderLine.of(NAME, element);
  }

  /**
   * The rule for one connection.
   *
   * @param localUri the URI name of our own certificate ({@code By=}); empty when it has none
   * @param peer null when the connection has no verified client certificate
   */
  public static Xfcc of(
      ForwardedClientCert config, String localUri, @Nullable VerifiedIdentity peer) {
    return forPeer(config, localUri, peer == null ? null : Peer.of(peer));
  }

  static Xfcc forPeer(ForwardedClientCert config, String localUri, @Nullable Peer peer) {
    Action action = action(config.mode(), peer != null);
    boolean own = action == Action.SET || action == Action.APPEND;
    return new Xfcc(action, own && peer != null ? element(config, localUri, peer) : "");
  }

  private static Action action(Mode mode, boolean mtls) {
    return switch (mode) {
      case ALWAYS_FORWARD_ONLY -> Action.KEEP;
      case SANITIZE -> Action.REMOVE;
      case FORWARD_ONLY -> mtls ? Action.KEEP : Action.REMOVE;
      case APPEND_FORWARD -> mtls ? Action.APPEND : Action.REMOVE;
      case SANITIZE_SET -> mtls ? Action.SET : Action.REMOVE;
    };
  }

  /** This connection's element; empty when it adds none. */
  public String element() {
    return element;
  }

  /** Applies the rule to a request. */
  public void apply(HeadBuffer head) {
    KnownHeader header = KnownHeader.X_FORWARDED_CLIENT_CERT;
    switch (action) {
      case KEEP -> {}
      case REMOVE -> head.remove(header);
      case SET -> setElement(head);
      case APPEND -> {
        int first = head.first(header);
        if (first < 0) {
          setElement(head);
        } else {
          append(head, first);
        }
      }
    }
  }

  /** All values that came as one, and our element behind them: "elements joined by comma". */
  private void append(HeadBuffer head, int first) {
    byte[] value = (joined(head) + "," + element).getBytes(StandardCharsets.ISO_8859_1);
    KnownHeader header = KnownHeader.X_FORWARDED_CLIENT_CERT;
    for (int i = head.next(header, first + 1); i >= 0; i = head.next(header, i + 1)) {
      head.remove(i);
    }
    head.setValue(first, value, 0, value.length);
  }

  private void setElement(HeadBuffer head) {
    head.remove(KnownHeader.X_FORWARDED_CLIENT_CERT);
    if (line != null) {
      head.append(line);
    }
  }

  private static String joined(HeadBuffer head) {
    StringBuilder all = new StringBuilder();
    KnownHeader header = KnownHeader.X_FORWARDED_CLIENT_CERT;
    for (int i = head.first(header); i >= 0; i = head.next(header, i + 1)) {
      all.append(all.isEmpty() ? "" : ",").append(head.value(i));
    }
    return all.toString();
  }

  private static String element(ForwardedClientCert config, String localUri, Peer peer) {
    StringBuilder text = new StringBuilder(256);
    if (!localUri.isEmpty()) {
      text.append("By=").append(quoted(localUri)).append(';');
    }
    text.append("Hash=").append(peer.sha256Hex());
    if (config.cert()) {
      text.append(";Cert=\"").append(urlEncoded(peer.certPem())).append('"');
    }
    if (config.chain()) {
      text.append(";Chain=\"").append(urlEncoded(peer.chainPem())).append('"');
    }
    if (config.subject()) {
      text.append(";Subject=\"").append(escaped(peer.subject())).append('"');
    }
    if (config.uri()) {
      text.append(";URI=").append(peer.uris().isEmpty() ? "" : quoted(peer.uris().getFirst()));
    }
    if (config.dns()) {
      peer.dnsNames().forEach(name -> text.append(";DNS=").append(quoted(name)));
    }
    return text.toString();
  }

  private static String quoted(String value) {
    boolean plain = value.chars().noneMatch(c -> c == ',' || c == ';' || c == '=' || c == '"');
    return plain ? escaped(value) : '"' + escaped(value) + '"';
  }

  /**
   * Quotes escaped, those that RFC 2253 has escaped already not twice: {@code \\"} would end the
   * value for whoever reads a backslash behind a backslash. Control characters and bytes beyond
   * ASCII as RFC 2253 escapes bytes.
   */
  private static String escaped(String value) {
    StringBuilder text = new StringBuilder(value.length());
    boolean escape = false;
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      if (b == '"') {
        text.append(escape ? "\"" : "\\\"");
      } else if (b < 0x20 || b == 0x7f) {
        text.append('\\').append(String.format("%02X", b & 0xff));
      } else {
        text.append((char) b);
      }
      escape = b == '\\' && !escape;
    }
    return escape ? text.append('\\').toString() : text.toString();
  }

  private static String urlEncoded(String pem) {
    return URLEncoder.encode(pem, StandardCharsets.US_ASCII).replace("+", "%20");
  }
}
