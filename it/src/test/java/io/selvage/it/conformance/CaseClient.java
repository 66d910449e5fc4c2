package io.selvage.it.conformance;

import io.selvage.pki.PkiException;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.time.Duration;

/**
 * The client: one new connection for each request, from the address, with the identity and with the
 * bytes that the case says. Nothing is resumed, retried or kept.
 */
final class CaseClient {
  private static final Duration LIMIT = Duration.ofSeconds(8);

  private final NetworkNamespace namespace;
  private final ClientTls tls;

  CaseClient(NetworkNamespace namespace, ClientTls tls) {
    this.namespace = namespace;
    this.tls = tls;
  }

  /**
   * Sends a request whose tokens are in it.
   *
   * @throws SocketTimeoutException when there is neither an answer nor an end
   */
  Outcome ask(Request request) throws Exception {
    try (SocketChannel channel = namespace.call(SocketChannel::open)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.bind(new InetSocketAddress(request.from(), 0));
      channel.connect(new InetSocketAddress(Stage.SERVER, request.port()));
      Socket connection = channel.socket();
      connection.setSoTimeout((int) LIMIT.toMillis());
      return over(connection, request);
    }
  }

  private Outcome over(Socket connection, Request request)
      throws IOException, GeneralSecurityException, PkiException {
    try {
      Socket socket = request.isTls() ? tls.over(connection, request) : connection;
      return switch (request.protocol()) {
        case HTTP2 -> new Http2Exchange(socket, request).outcome();
        case HTTP1, TCP -> new Http1Exchange(socket, request).outcome();
      };
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      if (e.getCause() instanceof SocketTimeoutException) {
        throw e;
      }
      return Outcome.CLOSED; // refused in the handshake, or reset
    }
  }
}
