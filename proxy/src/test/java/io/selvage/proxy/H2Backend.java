package io.selvage.proxy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An application that speaks HTTP/2, frame by frame, as a {@link RawBackend.Script}. */
public final class H2Backend {
  private static final int PREFACE_BYTES = 24;
  private static final int ACK = 1;

  /** What is done with one frame; settings are taken care of. */
  @FunctionalInterface
  public interface OnFrame {
    void on(H2Client.Frame frame, Answer answer) throws IOException;
  }

  /** The way back on one connection. */
  public static final class Answer {
    private final OutputStream out;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private Answer(OutputStream out) {
      this.out = out;
    }

    public Answer headers(int stream, int flags, String... fields) throws IOException {
      return frame(H2Client.HEADERS, flags | H2Client.END_HEADERS, stream, H2Client.block(fields));
    }

    public Answer data(int stream, int flags, String text) throws IOException {
      return frame(H2Client.DATA, flags, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** {@code 200} without a body. */
    public void ok(int stream) throws IOException {
      headers(stream, H2Client.END_STREAM, ":status", "200").flush();
    }

    /** No stream was looked at, and none will be. */
    public void goAway() throws IOException {
      frame(H2Client.GOAWAY, 0, 0, ByteBuffer.allocate(8).array()).flush();
    }

    public Answer frame(int type, int flags, int stream, byte[] payload) throws IOException {
      written.write(H2Client.bytesOf(type, flags, stream, payload));
      return this;
    }

    /** All frames since the last time in one write. */
    public void flush() throws IOException {
      out.write(written.toByteArray());
      out.flush();
      written.reset();
    }
  }

  private H2Backend() {}

  public static RawBackend.Script of(OnFrame onFrame) {
    return (in, out) -> serve(in, new Answer(out), onFrame);
  }

  private static void serve(InputStream in, Answer answer, OnFrame onFrame) throws IOException {
    DataInputStream frames = new DataInputStream(in);
    frames.readFully(new byte[PREFACE_BYTES]);
    answer.frame(H2Client.SETTINGS, 0, 0, new byte[0]).flush();
    try {
      while (true) {
        H2Client.Frame frame = H2Client.read(frames);
        if (frame.type() != H2Client.SETTINGS) {
          onFrame.on(frame, answer);
        } else if ((frame.flags() & ACK) == 0) {
          answer.frame(H2Client.SETTINGS, ACK, 0, new byte[0]).flush();
        }
      }
    } catch (EOFException e) {
      return; // the proxy has closed it
    }
  }
}
