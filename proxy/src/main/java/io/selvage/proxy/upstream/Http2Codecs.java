package io.selvage.proxy.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.concurrent.TimeUnit;

/**
 * Netty's HTTP/2 with every limit said aloud. Streams are no channels of their own: both sides work
 * on the connection's frames.
 */
public final class Http2Codecs {
  /** Bytes of a stream's body that may be under way without being taken. */
  public static final int STREAM_WINDOW = 256 * 1024;

  /** Likewise of a whole connection. */
  public static final int CONNECTION_WINDOW = 1024 * 1024;

  private static final int MAX_PROVOKED_RESETS = 200;
  private static final int RESET_SECONDS = 30;
  private static final int MAX_CONTROL_FRAMES = 1000;
  private static final int MAX_EMPTY_DATA = 16;
  private static final int MAX_SMALL_CONTINUATIONS = 16;

  private Http2Codecs() {}

  /**
   * Lets the peer send more on the whole connection than on one stream, so that a stream whose body
   * nobody takes does not stop the others. Once, when the codec is in an active channel's pipeline.
   */
  public static void openWindow(Http2ConnectionHandler codec) {
    Http2Connection connection = codec.connection();
    try {
      connection
          .local()
          .flowController()
          .incrementWindowSize(
              connection.connectionStream(),
              CONNECTION_WINDOW - io.netty.handler.codec.http2.Http2CodecUtil.DEFAULT_WINDOW_SIZE);
    } catch (Http2Exception e) {
      throw new IllegalStateException("a window of " + CONNECTION_WINDOW + " is allowed", e);
    }
  }

  /** The server's side. */
  public static Http2ConnectionHandler server(
      Http2FrameListener frames, int maxStreams, int maxHeadBytes) {
    return new Builder().hardened(frames).server(maxStreams, maxHeadBytes).build();
  }

  /** The client's side. */
  public static Http2ConnectionHandler client(Http2FrameListener frames) {
    return new Builder().hardened(frames).client().build();
  }

  /** Opens the settings that Netty's own builder keeps to itself. */
  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2ConnectionHandler, Builder> {
    Builder server(int maxStreams, int maxHeadBytes) {
      return server(true)
          .initialSettings(
              Http2Settings.defaultSettings()
                  .maxConcurrentStreams(maxStreams)
                  .maxHeaderListSize(maxHeadBytes)
                  .initialWindowSize(STREAM_WINDOW));
    }

    Builder client() {
      return server(false)
          .initialSettings(
              Http2Settings.defaultSettings()
                  .pushEnabled(false)
                  .maxHeaderListSize(64 * 1024)
                  .initialWindowSize(STREAM_WINDOW));
    }

    /**
     * CONTINUATION flood (CVE-2024-27316), floods of SETTINGS, PING and empty DATA (CVE-2019-9512,
     * -9515, -9518) each end the connection. Netty counts resets whatever their reason, also those
     * of clients that give up waiting and of calls that end here: what an attack is, is known by
     * {@link Handler} and by who serves the requests.
     */
    Builder hardened(Http2FrameListener frames) {
      return frameListener(frames)
          .validateHeaders(true)
          .decoderEnforceMaxRstFramesPerWindow(0, RESET_SECONDS)
          .encoderEnforceMaxRstFramesPerWindow(0, RESET_SECONDS)
          .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA)
          .decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS)
          .encoderEnforceMaxQueuedControlFrames(MAX_CONTROL_FRAMES)
          .gracefulShutdownTimeoutMillis(0);
    }

    @Override
    protected Http2ConnectionHandler build() {
      return super.build();
    }

    @Override
    protected Http2ConnectionHandler build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Handler(decoder, encoder, settings);
    }
  }

  /** Ends a connection whose peer provokes resets by what breaks the protocol (CVE-2025-8671). */
  private static final class Handler extends Http2ConnectionHandler {
    private long windowBegan = System.nanoTime();
    private int provoked;

    Handler(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      super(decoder, encoder, settings);
    }

    @Override
    protected void onStreamError(
        ChannelHandlerContext context,
        boolean outbound,
        Throwable cause,
        Http2Exception.StreamException error) {
      if (outbound || isStray(error) || !isOneTooMany()) {
        super.onStreamError(context, outbound, cause, error);
      } else {
        onError(
            context,
            false,
            Http2Exception.connectionError(
                Http2Error.ENHANCE_YOUR_CALM, "too many streams break the protocol"));
      }
    }

    /** What an upstream had sent already when its stream was cancelled here is no fault of it. */
    private boolean isStray(Http2Exception.StreamException error) {
      return !connection().isServer()
          && error.error() == Http2Error.STREAM_CLOSED
          && connection().stream(error.streamId()) == null;
    }

    private boolean isOneTooMany() {
      long now = System.nanoTime();
      if (now - windowBegan > TimeUnit.SECONDS.toNanos(RESET_SECONDS)) {
        windowBegan = now;
        provoked = 0;
      }
      return ++provoked > MAX_PROVOKED_RESETS;
    }
  }
}
