package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one message after another and hands it on as slices of the connection's own
 * buffers, uncopied.
 *
 * <p>With {@link Output#FRAMED} chunked bodies keep their chunks: a validated chunk line holds at
 * most eight hexadecimal digits and a line end, which is what we would write ourselves, so a whole
 * read of many chunks goes on as one slice. What hops are known to read differently never goes on:
 * chunk extensions are cut out, trailers are parsed, filtered and written anew. With {@link
 * Output#DATA} only the data comes out, for a next hop of another framing.
 */
public final class BodyReader {
  /** What comes out for a chunked body. */
  public enum Output {
    /** Chunks, ready for a next hop of HTTP/1.1. */
    FRAMED,
    /** Data alone. */
    DATA
  }

  private final HttpLimits limits;
  private final boolean framed;
  private final ChunkReader chunks;
  private BodyFraming framing = BodyFraming.NONE;
  private long remaining;
  private long received;
  private @Nullable HttpViolation violation;

  /** A reader for one direction of one connection. */
  public BodyReader(HttpLimits limits, Output output) {
    this.limits = limits;
    this.framed = output == Output.FRAMED;
    this.chunks = new ChunkReader(limits);
  }

  /** Begins the next body; {@code output} as this reader was made. */
  public void begin(BodyFraming framing) {
    this.framing = framing;
    this.remaining = framing instanceof BodyFraming.Fixed(long length) ? length : 0;
    this.received = 0;
    this.violation = null;
    if (framing instanceof BodyFraming.Chunked) {
      chunks.begin(framed);
    }
  }

  /**
   * Consumes what belongs to the body and nothing behind it.
   *
   * @return COMPLETE with the last byte (at once for a message without body); a body until close
   *     and a tunnel never end here
   */
  public ParseStatus read(ByteBuf in, BodySink out) {
    if (violation != null) {
      return ParseStatus.VIOLATION;
    }
    return switch (framing) {
      case BodyFraming.None none -> ParseStatus.COMPLETE;
      case BodyFraming.Fixed fixed -> readFixed(in, out);
      case BodyFraming.Chunked chunked -> readChunks(in, out);
      case BodyFraming.UntilClose untilClose -> readAll(in, out);
      case BodyFraming.Tunnel tunnel -> readAll(in, out);
    };
  }

  private ParseStatus readFixed(ByteBuf in, BodySink out) {
    int size = (int) Math.min(remaining, in.readableBytes());
    if (size > 0) {
      remaining -= size;
      received += size;
      out.accept(in.readRetainedSlice(size));
    }
    return remaining == 0 ? ParseStatus.COMPLETE : ParseStatus.NEED_MORE;
  }

  private ParseStatus readChunks(ByteBuf in, BodySink out) {
    ParseStatus status = chunks.read(in, out);
    received = chunks.dataBytes();
    violation = chunks.violation();
    return status;
  }

  private ParseStatus readAll(ByteBuf in, BodySink out) {
    int size = in.readableBytes();
    if (size > 0) {
      received += size;
      out.accept(in.readRetainedSlice(size));
      if (received > limits.bodyBytes() && framing instanceof BodyFraming.UntilClose) {
        violation = HttpViolation.BODY_TOO_LARGE;
        return ParseStatus.VIOLATION;
      }
    }
    return ParseStatus.NEED_MORE;
  }

  /** Whether the sender may close here: the body is over, or ends by that. */
  public boolean mayEndHere() {
    return switch (framing) {
      case BodyFraming.None none -> true;
      case BodyFraming.Fixed fixed -> remaining == 0;
      case BodyFraming.Chunked chunked -> chunks.isDone();
      case BodyFraming.UntilClose untilClose -> true;
      case BodyFraming.Tunnel tunnel -> true;
    };
  }

  /** Bytes of data so far, without framing. */
  public long dataBytes() {
    return received;
  }

  /**
   * The trailer fields that may be forwarded, others marked removed; null when none came. Valid
   * until the next body begins.
   */
  public @Nullable HeadBuffer trailers() {
    return framing instanceof BodyFraming.Chunked ? chunks.trailers() : null;
  }

  /** Why the body was refused. */
  public @Nullable HttpViolation violation() {
    return violation;
  }
}
