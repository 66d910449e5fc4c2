package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.proxy.http1.Xfcc.Peer;
import io.selvage.xds.resource.NetworkStack.ForwardedClientCert;
import io.selvage.xds.resource.NetworkStack.ForwardedClientCert.Mode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of X-Forwarded-Client-Cert. */
class XfccTest {
  private static final String LOCAL = "spiffe://td/ns/sample/sa/httpbin";
  private static final String URI = "spiffe://td/ns/sample/sa/sleep";
  private static final String ELEMENT = "By=" + LOCAL + ";Hash=abc;Subject=\"\";URI=" + URI;
  private static final Peer PEER = new Peer("abc", "", List.of(URI), List.of(), "PEM", "CHAIN");

  @Test
  void aPeerIsDescribedAsIstioDescribesIt() {
    assertThat(sidecar(PEER).element()).isEqualTo(ELEMENT);
  }

  @Test
  void detailsAreQuotedAndEscaped() {
    Peer peer =
        new Peer("h", "CN=a\"b,O=x\u0001", List.of("spiffe://td/a,b"), List.of("d;1"), "a b", "c");
    assertThat(Xfcc.forPeer(config(Mode.SANITIZE_SET, true), "", peer).element())
        .isEqualTo(
            "Hash=h;Cert=\"a%20b\";Chain=\"c\";Subject=\"CN=a\\\"b,O=x\\01\""
                + ";URI=\"spiffe://td/a,b\";DNS=\"d;1\"");
  }

  /** In RFC 2253 a quote comes escaped: escaping it again would let the value end there. */
  @Test
  void noSubjectEndsItsQuotes() {
    for (String subject :
        List.of("CN=a\\\"b", "CN=a\\\\\"b", "CN=\";URI=spiffe://evil;x=\"", "CN=a\\", "\\\\\"")) {
      Peer peer = new Peer("h", subject, List.of(URI), List.of(), "", "");
      String element = sidecar(peer).element();
      int open = element.indexOf('"');
      int at = open + 1;
      for (boolean escape = false; escape || element.charAt(at) != '"'; at++) {
        escape = element.charAt(at) == '\\' && !escape;
      }
      assertThat(element.substring(at + 1)).as(subject).isEqualTo(";URI=" + URI);
    }
  }

  @Test
  void textThatIsNoAsciiIsEscapedInEveryMode() {
    Peer peer = new Peer("h", "CN=M\u00fcller", List.of(), List.of(), "", "");
    String utf8 = "CN=M\\C3\\BCller";
    assertThat(applied(Mode.SANITIZE_SET, peer)).contains(utf8);
    assertThat(applied(Mode.APPEND_FORWARD, peer, "By=x")).startsWith("By=x,").contains(utf8);
  }

  @Test
  void onMutualTlsTheElementIsAppended() {
    assertThat(applied(Mode.APPEND_FORWARD, PEER)).isEqualTo(ELEMENT);
    assertThat(applied(Mode.APPEND_FORWARD, PEER, "By=x", "By=y"))
        .isEqualTo("By=x,By=y," + ELEMENT);
  }

  @Test
  void eachModeDoesItsOwnOnMutualTls() {
    assertThat(applied(Mode.SANITIZE, PEER, "By=x")).isNull();
    assertThat(applied(Mode.FORWARD_ONLY, PEER, "By=x")).isEqualTo("By=x");
    assertThat(applied(Mode.SANITIZE_SET, PEER, "By=x")).isEqualTo(ELEMENT);
    assertThat(applied(Mode.ALWAYS_FORWARD_ONLY, PEER, "By=x")).isEqualTo("By=x");
    assertThat(applied(Mode.FORWARD_ONLY, PEER)).isNull();
  }

  @Test
  void onPlaintextAForgedHeaderIsRemovedInEveryModeButOne() {
    for (Mode mode : Mode.values()) {
      String expected = mode == Mode.ALWAYS_FORWARD_ONLY ? "By=forged" : null;
      assertThat(applied(mode, null, "By=forged")).as(mode.name()).isEqualTo(expected);
      assertThat(Xfcc.forPeer(config(mode, false), LOCAL, null).element()).isEmpty();
    }
  }

  private static Xfcc sidecar(@Nullable Peer peer) {
    return Xfcc.forPeer(config(Mode.APPEND_FORWARD, false), LOCAL, peer);
  }

  private static ForwardedClientCert config(Mode mode, boolean certificates) {
    return new ForwardedClientCert(mode, true, true, true, certificates, certificates);
  }

  /** The header's value after the rule. */
  private static @Nullable String applied(Mode mode, @Nullable Peer peer, String... incoming) {
    Xfcc xfcc = Xfcc.forPeer(config(mode, false), LOCAL, peer);
    StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\nHost: a\r\n");
    for (String value : incoming) {
      text.append("X-Forwarded-Client-Cert: ").append(value).append("\r\n");
    }
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    ByteBuf in = Unpooled.copiedBuffer(text + "\r\n", StandardCharsets.ISO_8859_1);
    assertThat(parser.parse(in)).isEqualTo(ParseStatus.COMPLETE);
    HeadBuffer head = parser.head();
    xfcc.apply(head);
    assertThat(head.header("x-forwarded-client-cert", 1)).isNull();
    CharSequence value = head.header("x-forwarded-client-cert", 0);
    return value == null ? null : value.toString();
  }
}
