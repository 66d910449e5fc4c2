package io.selvage.proxy.upstream;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.selvage.proxy.extauthz.CheckAnswer;
import io.selvage.proxy.extauthz.CheckCall;
import io.selvage.proxy.extauthz.CheckTransport;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.KnownHeader;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks an external authorizer over the connections of its cluster. */
public final class ClusterCheckTransport implements CheckTransport {
  private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

  private final Clusters.Slot slot;

  public ClusterCheckTransport(Clusters.Slot slot) {
    this.slot = slot;
  }

  @Override
  public Sent send(CheckCall call, EventLoop loop, Listener listener) {
    UpstreamCluster cluster = slot.cluster();
    Endpoint endpoint = cluster == null ? null : cluster.choose(NOWHERE);
    if (cluster == null || endpoint == null) {
      listener.failed(slot.name() + (cluster == null ? " is no cluster" : " has no endpoint"));
      return () -> {};
    }
    HeadBuffer head = call.head();
    BodyForm form = call.body().isEmpty() ? BodyForm.NONE : BodyForm.SIZED;
    if (!call.grpc() && form == BodyForm.SIZED) {
      head.setNumber(KnownHeader.CONTENT_LENGTH, call.body().size());
    }
    boolean http2 = call.grpc() || cluster.speaksHttp2(false);
    Gathering gathering = new Gathering(listener);
    UpstreamStream stream =
        cluster.send(
            endpoint,
            loop,
            http2,
            head,
            form,
            Exchange.of(head, false),
            BodyReader.Output.DATA,
            gathering);
    gathering.stream = stream;
    if (form == BodyForm.SIZED) {
      stream.data(Unpooled.wrappedBuffer(call.body().asReadOnlyByteBuffer()));
    }
    stream.end(null);
    stream.flush();
    return stream::cancel;
  }

  /** Puts the answer together. */
  private static final class Gathering implements ResponseListener {
    private final Listener listener;
    private final List<HeaderLine> headers = new ArrayList<>();
    private ByteString body = ByteString.EMPTY;
    private int status;
    private @Nullable UpstreamStream stream;

    Gathering(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void onInformational(HeadBuffer head) {}

    @Override
    public void onHead(HeadBuffer head, BodyForm form) {
      status = head.status();
      headers.addAll(lines(head));
    }

    private static List<HeaderLine> lines(HeadBuffer head) {
      List<HeaderLine> lines = new ArrayList<>();
      for (int i = 0; i < head.fieldCount(); i++) {
        if (!head.isRemoved(i)) {
          lines.add(HeaderLine.of(head.name(i).toString(), head.value(i).toString()));
        }
      }
      return lines;
    }

    @Override
    public void onData(ByteBuf piece) {
      if (body.size() + piece.readableBytes() <= MAX_ANSWER_BYTES) {
        body = body.concat(ByteString.copyFrom(piece.nioBuffer()));
        piece.release();
        return;
      }
      piece.release();
      if (stream != null) {
        stream.cancel();
      }
      listener.failed("the authorizer's answer is larger than " + MAX_ANSWER_BYTES + " bytes");
    }

    @Override
    public void onEnd(@Nullable HeadBuffer trailers) {
      List<HeaderLine> last = trailers == null ? List.of() : lines(trailers);
      listener.answered(new CheckAnswer(status, headers, body, last));
    }

    @Override
    public void onReadComplete() {}

    @Override
    public void onWritabilityChanged() {}

    @Override
    public void onFailure(UpstreamFailure failure) {
      listener.failed(failure.kind() + ": " + failure.detail());
    }
  }
}
