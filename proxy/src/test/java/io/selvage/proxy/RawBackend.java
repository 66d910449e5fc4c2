package io.selvage.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An application whose every byte the test writes: it records what each of its connections was sent
 * and answers as a script says.
 */
public final class RawBackend implements AutoCloseable {
  /** What is done on one connection. */
  @FunctionalInterface
  public interface Script {
    /** Reads and writes; the connection is closed when it returns. */
    void run(InputStream in, OutputStream out) throws IOException;
  }

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<ByteArrayOutputStream> seen = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile Script script;

  public RawBackend(Script script) throws IOException {
    this.script = script;
    Thread.ofVirtual().name("backend").start(this::accept);
  }

  /** One that answers {@code wire} as soon as a head is complete, again for each one. */
  public static RawBackend answering(String wire) throws IOException {
    return new RawBackend(
        (in, out) -> {
          while (!head(in).isEmpty()) {
            out.write(wire.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
          }
        });
  }

  /** One that answers {@code wire} when it has read as much of a body as the head announces. */
  public static Script answeringMessages(String wire) {
    return (in, out) -> {
      for (String head = head(in); !head.isEmpty(); head = head(in)) {
        int length = contentLength(head);
        if (in.readNBytes(length).length < length) {
          return;
        }
        out.write(wire.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      }
    };
  }

  private static int contentLength(String head) {
    return head.lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.startsWith("content-length:"))
        .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElse(0);
  }

  /** Reads up to and with an empty line; empty at the end of the stream. */
  public static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    int b;
    while (head.indexOf("\r\n\r\n") < 0) {
      b = in.read();
      if (b < 0) {
        return "";
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        Thread.ofVirtual().name("backend connection").start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    seen.add(record);
    try (socket) {
      script.run(new Recording(socket.getInputStream(), record), socket.getOutputStream());
    } catch (IOException e) {
      return; // the proxy has closed it
    }
  }

  /** Another script for the connections to come. */
  public void script(Script next) {
    script = next;
  }

  public int port() {
    return server.getLocalPort();
  }

  /** What each connection has read so far, in the order in which they came. */
  public List<String> seen() {
    return seen.stream().map(bytes -> bytes.toString(StandardCharsets.ISO_8859_1)).toList();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** Keeps a copy of what is read. */
  private static final class Recording extends InputStream {
    private final InputStream in;
    private final ByteArrayOutputStream record;

    Recording(InputStream in, ByteArrayOutputStream record) {
      this.in = in;
      this.record = record;
    }

    @Override
    public int read() throws IOException {
      int b = in.read();
      if (b >= 0) {
        record.write(b);
      }
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = in.read(bytes, offset, length);
      if (count > 0) {
        record.write(bytes, offset, count);
      }
      return count;
    }
  }
}
