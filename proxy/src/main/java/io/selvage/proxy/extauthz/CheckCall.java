package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.RequestHeadParser;
import java.nio.charset.StandardCharsets;

/**
 * A request to an authorizer, ready to be sent.
 *
 * @param grpc over HTTP/2 in any case, its answer with trailers
 * @param head method, target, authority and fields
 * @param body all of it
 */
public record CheckCall(boolean grpc, HeadBuffer head, ByteString body) {
  private static final int LINE_BYTES = 256 * 1024;

  /**
   * A head without fields. It is written out and read by the parser that reads clients' requests,
   * so that nothing gets into it that the other side could read otherwise.
   *
   * @throws IllegalArgumentException if the parts make no request
   */
  static HeadBuffer head(String method, String target, String authority) {
    ByteBuf text =
        Unpooled.copiedBuffer(
            method + " " + target + " HTTP/1.1\r\nhost: " + authority + "\r\n\r\n",
            StandardCharsets.UTF_8);
    RequestHeadParser parser =
        new RequestHeadParser(HttpLimits.DEFAULT.withHead(LINE_BYTES, 100, LINE_BYTES));
    if (parser.parse(text) != ParseStatus.COMPLETE || text.isReadable()) {
      throw new IllegalArgumentException(
          "no request to an authorizer can have this method, path and host");
    }
    return parser.head();
  }
}
