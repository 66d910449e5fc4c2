package io.selvage.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a whole connection's bytes, in the pieces given, as the proxy's connections do. */
final class WireReader {
  private final RequestHeadParser parser;
  private final BodyReader body;
  private final StringBuilder message = new StringBuilder();
  private final StringBuilder forwarded = new StringBuilder();
  private final List<Message> messages = new ArrayList<>();
  private boolean inBody;
  private boolean tunnel;
  private @Nullable HttpViolation violation;

  /** One message: what the head says, and what its body was. */
  record Message(
      String method, String target, String path, String host, String fields, String body) {
    String line() {
      return method + " " + path + " " + host + " " + fields + body;
    }
  }

  private @Nullable Message open;

  WireReader(HttpLimits limits, BodyReader.Output output) {
    parser = new RequestHeadParser(limits);
    body = new BodyReader(limits, output);
  }

  /** Feeds pieces; what was not consumed of one is before the next. What is left over at last. */
  String read(List<byte[]> pieces) {
    ByteBuf in = Unpooled.buffer();
    try {
      for (byte[] piece : pieces) {
        in.writeBytes(piece);
        drain(in);
      }
      return in.toString(StandardCharsets.ISO_8859_1);
    } finally {
      in.release();
    }
  }

  private void drain(ByteBuf in) {
    while (violation == null && !tunnel) {
      ParseStatus status = inBody ? body.read(in, this::take) : parser.parse(in);
      if (status == ParseStatus.VIOLATION) {
        violation = inBody ? body.violation() : parser.violation();
      } else if (status == ParseStatus.NEED_MORE) {
        return;
      } else if (inBody) {
        endMessage();
      } else {
        endHead();
      }
    }
  }

  private void endHead() {
    open = head(parser.head());
    inBody = true;
    tunnel = parser.framing() instanceof BodyFraming.Tunnel;
    body.begin(parser.framing());
  }

  private void endMessage() {
    if (open != null) {
      messages.add(
          new Message(
              open.method, open.target, open.path, open.host, open.fields, message.toString()));
    }
    open = null;
    message.setLength(0);
    inBody = false;
    parser.next();
  }

  private void take(ByteBuf piece) {
    message.append(piece.toString(StandardCharsets.ISO_8859_1));
    forwarded.append(piece.toString(StandardCharsets.ISO_8859_1));
    piece.release();
  }

  private static Message head(HeadBuffer head) {
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < head.fieldCount(); i++) {
      KnownHeader known = head.known(i);
      if (!head.isRemoved(i) && known != KnownHeader.HOST && known != KnownHeader.CONTENT_LENGTH) {
        fields.append(head.name(i)).append('=').append(head.value(i)).append(' ');
      }
    }
    return new Message(
        head.method().toString(),
        head.target().toString(),
        head.path().toString() + head.query(),
        head.authority().toString(),
        fields.toString(),
        "");
  }

  List<Message> messages() {
    return messages;
  }

  String forwarded() {
    return forwarded.toString();
  }

  @Nullable HttpViolation violation() {
    return violation;
  }

  boolean isMidMessage() {
    return inBody || parser.isMidHead();
  }
}
