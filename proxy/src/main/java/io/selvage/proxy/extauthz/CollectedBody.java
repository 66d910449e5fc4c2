package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.selvage.xds.resource.ExternalAuthorizer.RequestBody;

/**
 * The part of a request's body that is held back until an authorizer has seen it. Everything that
 * was held goes on to the upstream afterwards ({@link #take}).
 */
public final class CollectedBody {
  /** What is to be done after a piece. */
  public enum Step {
    /** Read on. */
    MORE,
    /** The authorizer can be asked; the rest waits. */
    ASK,
    /** It is more than the authorizer takes: answer 413. */
    TOO_LARGE
  }

  private final RequestBody limits;
  private final CompositeByteBuf held;
  private boolean ended;

  /** Nothing yet. */
  public CollectedBody(RequestBody limits, ByteBufAllocator alloc) {
    this.limits = limits;
    this.held = alloc.compositeBuffer(1024);
  }

  /** Takes over a piece, also when it is too much. */
  public Step add(ByteBuf piece) {
    held.addComponent(true, piece);
    if (limits.allowPartial()) {
      return held.readableBytes() >= limits.maxBytes() ? Step.ASK : Step.MORE;
    }
    return held.readableBytes() > limits.maxBytes() ? Step.TOO_LARGE : Step.MORE;
  }

  /** The body is complete. */
  public Step end() {
    ended = true;
    return Step.ASK;
  }

  /** Whether the body is complete. */
  public boolean isEnded() {
    return ended;
  }

  /** What the authorizer gets: a copy, at most as long as configured. */
  public CheckInput.Body forCheck() {
    int length = Math.min(held.readableBytes(), limits.maxBytes());
    byte[] copy = new byte[length];
    held.getBytes(held.readerIndex(), copy);
    return new CheckInput.Body(ByteString.copyFrom(copy), !ended || length < held.readableBytes());
  }

  /** Everything that was held; the caller has the reference now. */
  public ByteBuf take() {
    return held;
  }

  /** Lets it go, when the request does not go on. */
  public void release() {
    held.release();
  }
}
