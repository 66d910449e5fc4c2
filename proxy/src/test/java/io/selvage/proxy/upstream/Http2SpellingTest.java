package io.selvage.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.RequestHeadParser;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever fields an HTTP/2 peer sends: spelt out, they are these fields and no others. */
class Http2SpellingTest {
  record Field(String name, String value) {}

  record Request(String method, String path, String authority, List<Field> fields) {
    Http2Headers headers() {
      Http2Headers headers = new DefaultHttp2Headers(false);
      headers.method(method).scheme("http").path(path).authority(authority);
      fields.forEach(field -> headers.add(field.name(), field.value()));
      return headers;
    }
  }

  @Provide
  Arbitrary<Request> requests() {
    Arbitrary<String> text =
        Arbitraries.of(
                "a",
                "/",
                " ",
                "\r",
                "\n",
                "\r\n",
                ":",
                "\0",
                "\t",
                "\u00e9",
                "\u0100",
                "GET",
                "HTTP/1.1",
                "content-length: 5",
                "host: b",
                "?",
                "#",
                "@",
                ",",
                "x-admin")
            .list()
            .ofMaxSize(4)
            .map(pieces -> String.join("", pieces));
    Arbitrary<String> name =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, Arbitraries.of("x-a", "x_b", "cookie", "accept", "te")),
            net.jqwik.api.Tuple.of(1, text));
    Arbitrary<Field> field = Combinators.combine(name, text).as(Field::new);
    return Combinators.combine(
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, Arbitraries.of("GET", "POST")),
                net.jqwik.api.Tuple.of(1, text)),
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, Arbitraries.of("/", "/a?b")),
                net.jqwik.api.Tuple.of(1, text)),
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, Arbitraries.of("a", "a.example:80")),
                net.jqwik.api.Tuple.of(1, text)),
            field.list().ofMaxSize(4))
        .as(Request::new);
  }

  @Property(tries = 5_000)
  void whatIsSpeltOutIsWhatCame(@ForAll("requests") Request request) {
    ByteBuf text;
    try {
      text = Http2Heads.requestText(request.headers(), UnpooledByteBufAllocator.DEFAULT);
    } catch (Http2Heads.Malformed e) {
      return;
    }
    try {
      RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
      ParseStatus status = parser.parse(text);
      assertThat(status).isNotEqualTo(ParseStatus.NEED_MORE);
      if (status == ParseStatus.COMPLETE) {
        assertThat(text.isReadable()).as("a second message behind it").isFalse();
        HeadBuffer head = parser.head();
        assertThat(head.method()).hasToString(request.method());
        assertThat(head.authority()).hasToString(request.authority());
        assertThat(request.path()).startsWith(head.path().toString() + head.query());
        assertThat(names(head)).isEqualTo(expected(request));
      }
    } finally {
      text.release();
    }
  }

  private static List<String> names(HeadBuffer head) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < head.fieldCount(); i++) {
      names.add(head.name(i).toString());
    }
    names.sort(null);
    return names;
  }

  /** Cookies in one field, and a host in place of the authority. */
  private static List<String> expected(Request request) {
    List<String> names = new ArrayList<>(request.fields().stream().map(Field::name).toList());
    boolean cookies = names.removeIf("cookie"::equals);
    names.add("host");
    if (cookies) {
      names.add("cookie");
    }
    names.sort(null);
    return names;
  }
}
