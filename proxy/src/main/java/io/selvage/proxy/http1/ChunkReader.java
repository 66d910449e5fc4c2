package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The chunked coding, RFC 9112 7.1, one byte of framing at a time and data in one step. Only {@code
 * 1*8HEXDIG [extensions] CRLF data CRLF} is read: no sign, no space, no bare line feed.
 */
final class ChunkReader {
  private enum State {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    END_OR_TRAILER,
    END_LF,
    TRAILERS,
    DONE
  }

  private static final int MAX_DIGITS = 8;
  private static final int MAX_EXTENSION = 1024;
  private static final int MAX_EXTENSIONS_PER_BODY = 16 * 1024;
  private static final byte[] CRLF = {'\r', '\n'};

  private final HttpLimits limits;
  private boolean framed;
  private State state = State.DONE;
  private long size;
  private int digits;
  private int extension;
  private int extensions;
  private long data;
  private @Nullable HttpViolation violation;
  private @Nullable HeadScanner scanner;
  private @Nullable HeadBuffer trailerBuffer;
  private @Nullable HeadBuffer trailers;

  /** Position in the buffer that is being read. */
  private int at;

  /** Where the bytes begin that go on as they are, and have not gone yet. */
  private int run;

  ChunkReader(HttpLimits limits) {
    this.limits = limits;
  }

  void begin(boolean framed) {
    this.framed = framed;
    state = State.SIZE;
    size = 0;
    digits = 0;
    extensions = 0;
    data = 0;
    violation = null;
    trailers = null;
  }

  ParseStatus read(ByteBuf in, BodySink out) {
    at = in.readerIndex();
    run = at;
    int end = in.writerIndex();
    while (at < end && state != State.DONE && state != State.TRAILERS && violation == null) {
      step(in, end, out);
    }
    in.readerIndex(at);
    if (violation != null) {
      return ParseStatus.VIOLATION;
    }
    if (framed ? state != State.EXTENSION : state == State.DATA) {
      flush(in, at, out);
    }
    if (state == State.TRAILERS) {
      return readTrailers(in, out);
    }
    return state == State.DONE ? ParseStatus.COMPLETE : ParseStatus.NEED_MORE;
  }

  private void step(ByteBuf in, int end, BodySink out) {
    switch (state) {
      case SIZE -> size(in, in.getByte(at), out);
      case EXTENSION -> extension(in.getByte(at));
      case SIZE_LF -> expect(in.getByte(at), '\n', HttpViolation.BARE_CR, afterSize());
      case DATA -> data(in, end, out);
      case DATA_CR -> expect(in.getByte(at), '\r', HttpViolation.INVALID_CHUNK_END, State.DATA_LF);
      case DATA_LF -> expect(in.getByte(at), '\n', HttpViolation.INVALID_CHUNK_END, State.SIZE);
      case END_OR_TRAILER -> endOrTrailer(in.getByte(at));
      case END_LF -> expect(in.getByte(at), '\n', HttpViolation.BARE_CR, State.DONE);
      case TRAILERS, DONE -> throw new IllegalStateException("no step from " + state);
    }
  }

  private void size(ByteBuf in, byte b, BodySink out) {
    int digit = Octets.hex(b);
    if (digit >= 0 && digits < MAX_DIGITS) {
      size = (size << 4) | digit;
      digits++;
      at++;
    } else if (digits == 0 || digit >= 0) {
      violation = HttpViolation.INVALID_CHUNK_SIZE;
    } else if (b == '\r') {
      at++;
      state = State.SIZE_LF;
    } else if (b == ';') {
      beginExtension(in, out);
    } else {
      violation = b == '\n' ? HttpViolation.BARE_LF : HttpViolation.INVALID_CHUNK_SIZE;
    }
  }

  private void beginExtension(ByteBuf in, BodySink out) {
    if (framed) {
      flush(in, at, out);
    }
    at++;
    extension = 1;
    state = State.EXTENSION;
  }

  private void extension(byte b) {
    if (b == '\r') {
      extensions += extension;
      run = at++;
      state = State.SIZE_LF;
    } else if (b == '\n') {
      violation = HttpViolation.BARE_LF;
    } else if ((b < 0x20 && b != '\t') || b == 0x7f || ++extension > extensionLimit()) {
      violation = HttpViolation.INVALID_CHUNK_EXTENSION;
    } else {
      at++;
    }
  }

  private int extensionLimit() {
    return Math.min(MAX_EXTENSION, MAX_EXTENSIONS_PER_BODY - extensions);
  }

  private State afterSize() {
    return size == 0 ? State.END_OR_TRAILER : State.DATA;
  }

  private void expect(byte b, char wanted, HttpViolation otherwise, State next) {
    if (b != wanted) {
      violation = otherwise;
      return;
    }
    at++;
    state = next;
    if (next == State.DATA) {
      beginData();
    } else if (next == State.SIZE) {
      size = 0;
      digits = 0;
    }
  }

  private void beginData() {
    data += size;
    if (data > limits.bodyBytes()) {
      violation = HttpViolation.BODY_TOO_LARGE;
    }
    if (!framed) {
      run = at;
    }
  }

  private void data(ByteBuf in, int end, BodySink out) {
    int taken = (int) Math.min(size, end - at);
    at += taken;
    size -= taken;
    if (size == 0) {
      if (!framed) {
        flush(in, at, out);
      }
      state = State.DATA_CR;
    }
  }

  private void endOrTrailer(byte b) {
    if (b == '\r') {
      at++;
      state = State.END_LF;
    } else {
      state = State.TRAILERS;
      trailerScanner().reset();
    }
  }

  private HeadScanner trailerScanner() {
    if (scanner == null) {
      trailerBuffer = new HeadBuffer();
      scanner =
          new HeadScanner(
              trailerBuffer, limits, limits.trailerBytes(), HttpViolation.TRAILERS_TOO_LARGE);
    }
    if (trailers == null && trailerBuffer != null) {
      trailerBuffer.reset();
      trailers = trailerBuffer;
    }
    return scanner;
  }

  private ParseStatus readTrailers(ByteBuf in, BodySink out) {
    HeadScanner fields = trailerScanner();
    while (fields.gulp(in) > 0) {
      ParseStatus status = fields.fields();
      if (status == ParseStatus.COMPLETE) {
        fields.giveBack(in);
        endTrailers(in, out);
        return status;
      }
      if (status == ParseStatus.NEED_MORE && fields.isFull()) {
        status = fields.refuse(fields.tooLarge());
      }
      if (status == ParseStatus.VIOLATION) {
        violation = fields.violation;
        return status;
      }
    }
    return ParseStatus.NEED_MORE;
  }

  private void endTrailers(ByteBuf in, BodySink out) {
    state = State.DONE;
    HeadBuffer fields = trailers;
    if (fields == null) {
      return;
    }
    TrailerRules.dropForbidden(fields);
    if (framed) {
      ByteBuf end = in.alloc().buffer(fields.length + CRLF.length);
      HeadWriter.fields(fields, end, 0, 0);
      out.accept(end);
    }
  }

  private void flush(ByteBuf in, int to, BodySink out) {
    if (to > run) {
      out.accept(in.retainedSlice(run, to - run));
    }
    run = to;
  }

  boolean isDone() {
    return state == State.DONE;
  }

  long dataBytes() {
    return data - (state == State.DATA ? size : 0);
  }

  @Nullable HeadBuffer trailers() {
    return trailers;
  }

  @Nullable HttpViolation violation() {
    return violation;
  }
}
