package io.selvage.proxy.http;

import io.netty.buffer.ByteBuf;
import io.selvage.proxy.upstream.UpstreamStream;
import java.util.ArrayList;
import java.util.List;

/** The part of a request's body that has gone out, kept while another try may need it. */
final class Replay {
  private static final int MAX_BYTES = 64 * 1024;

  private final List<ByteBuf> pieces = new ArrayList<>(2);
  private int bytes;
  private boolean complete = true;

  /** Keeps a piece, unless it is too much in all. */
  void keep(ByteBuf piece) {
    if (complete && bytes + piece.readableBytes() <= MAX_BYTES) {
      bytes += piece.readableBytes();
      pieces.add(piece.retainedDuplicate());
    } else {
      drop();
    }
  }

  /** Whether all that has gone out is still here. */
  boolean isComplete() {
    return complete;
  }

  /** Sends everything again. */
  void sendTo(UpstreamStream stream) {
    pieces.forEach(piece -> stream.data(piece.retainedDuplicate()));
  }

  /** Forgets everything; there will be no other try. */
  void drop() {
    complete = false;
    pieces.forEach(ByteBuf::release);
    pieces.clear();
  }
}
