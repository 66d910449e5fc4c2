package io.selvage.it.protocol;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A workload's program with a port for each protocol: {@link HttpBackend} on 8080, gRPC on 9090,
 * and on 7000 a TCP server that greets, and answers with a digest once the client has said all.
 */
final class Backend {
  private Backend() {}

  /** Runs until it is killed; the argument is the name that it answers with. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    var http = new HttpBackend(arguments[0]);
    var _ = serve(8080, http::serve);
    var _ = serve(7000, Backend::digest);
    NettyServerBuilder.forPort(9090).addService(Echo.service()).build().start().awaitTermination();
  }

  /** What is done with a connection. */
  interface Conversation {
    void hold(Socket socket) throws IOException;
  }

  /** Serves {@code port}, or a free one for 0, until the socket that is given back is closed. */
  static ServerSocket serve(int port, Conversation conversation) throws IOException {
    var server = new ServerSocket(port, 1024);
    var _ =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (true) {
                    try {
                      Socket socket = server.accept();
                      Thread.ofVirtual().start(() -> hold(conversation, socket));
                    } catch (IOException e) {
                      return;
                    }
                  }
                });
    return server;
  }

  private static void hold(Conversation conversation, Socket socket) {
    try (socket) {
      conversation.hold(socket);
    } catch (IOException e) {
      // the other side is gone
    }
  }

  private static void digest(Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write("hello\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
    MessageDigest digest = sha256();
    long count = drain(new BufferedInputStream(socket.getInputStream()), digest);
    out.write((count + " " + hex(digest) + "\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  static long drain(InputStream in, MessageDigest digest) throws IOException {
    var buffer = new byte[1 << 16];
    long count = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      digest.update(buffer, 0, n);
      count += n;
    }
    return count;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
