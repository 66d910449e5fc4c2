package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What goes on to the next hop of a head that came. */
class HeadForwardingTest {
  private static final String PLAIN = "GET /a?b=c HTTP/1.1\r\nHost: x.y:80\r\nAccept: */*\r\n\r\n";

  @Test
  void aPlainRequestGoesOnWithLowerCaseNames() {
    assertThat(forwarded(parsed(PLAIN)))
        .isEqualTo("GET /a?b=c HTTP/1.1\r\nhost: x.y:80\r\naccept: */*\r\n\r\n");
  }

  @Test
  void whiteSpaceAroundValuesIsMadeOneSpace() {
    HeadBuffer head = parsed("GET / HTTP/1.1\r\nHost:x\r\nA:  b\t \r\nC: d\r\nE:\r\n\r\n");
    assertThat(forwarded(head))
        .isEqualTo("GET / HTTP/1.1\r\nhost: x\r\na: b\r\nc: d\r\ne: \r\n\r\n");
  }

  @Test
  void removedReplacedAndAppendedFieldsShow() {
    HeadBuffer head = parsed("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nA: 3\r\n\r\n");
    head.remove("a");
    head.append(HeaderLine.of("X-New", "yes"));
    byte[] value = "changed".getBytes(StandardCharsets.US_ASCII);
    head.setValue(2, value, 0, value.length);
    assertThat(forwarded(head))
        .isEqualTo("GET / HTTP/1.1\r\nhost: x\r\nb: changed\r\nx-new: yes\r\n\r\n");
    assertThat(head.header("x-new", 0)).hasToString("yes");
    assertThat(head.header("a", 0)).isNull();
  }

  @Test
  void theNormalisedPathReplacesTheOneThatCame() {
    HeadBuffer head = parsed("GET /a/../%41%2f?q=%41 HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(head.normalisePath(PathNormalizer.BASE)).isNull();
    assertThat(head.path()).hasToString("/A%2f");
    assertThat(forwarded(head)).startsWith("GET /A%2f?q=%41 HTTP/1.1\r\n");
  }

  private static HeadBuffer parsed(String text) {
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    assertThat(parser.parse(in)).isEqualTo(ParseStatus.COMPLETE);
    assertThat(in.isReadable()).isFalse();
    return parser.head();
  }

  private static String forwarded(HeadBuffer head) {
    ByteBuf out = Unpooled.buffer();
    HeadWriter.writeRequest(head, out);
    return out.toString(StandardCharsets.ISO_8859_1);
  }
}
