package io.selvage.proxy.extauthz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.selvage.proxy.http1.HeadBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpCheckTest {
  private static final HttpCheck PLAIN = check(List.of(), List.of(), List.of(), List.of());

  // ---- what is asked

  @Test
  void theQuestionHasMethodPrefixedPathAndHostOfTheRequest() {
    HeadBuffer asked =
        PLAIN.call(Questions.input(Questions.get("authorization: Bearer t", "x-secret: 1"))).head();

    assertThat(asked.method().toString()).isEqualTo("GET");
    assertThat(asked.path().toString()).isEqualTo("/check/orders");
    assertThat(asked.query().toString()).isEqualTo("?id=7");
    assertThat(Questions.fields(asked))
        .containsExactlyInAnyOrder(
            "host: shop.example:8080",
            "authorization: Bearer t",
            "x-asked-by: selvage",
            "content-length: 0");
  }

  @Test
  void headersAreIncludedByNameAndByPrefix() {
    HeadBuffer request =
        Questions.get(
            "X-Tenant: t",
            "x-ext-a: 1",
            "x-ext-b: 2",
            "x-other: 3",
            "te: trailers",
            "x-asked-by: forged");

    HeadBuffer asked =
        check(List.of("x-tenant", "x-ext-*", "te", "content-*"), List.of(), List.of(), List.of())
            .call(Questions.input(request))
            .head();

    assertThat(Questions.fields(asked))
        .contains("x-tenant: t", "x-ext-a: 1", "x-ext-b: 2", "x-asked-by: selvage")
        .doesNotContain("x-other: 3", "te: trailers", "x-asked-by: forged");
  }

  @Test
  void aBodyGoesAlongWithItsOwnLength() {
    HeadBuffer request =
        Questions.head("POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");

    CheckCall call = PLAIN.call(Questions.input(request, Questions.body("abc", true)));

    assertThat(call.body().toStringUtf8()).isEqualTo("abc");
    assertThat(Questions.fields(call.head()))
        .contains("content-length: 3", "x-envoy-auth-partial-body: true")
        .noneMatch(field -> field.startsWith("transfer-encoding"));
  }

  @Test
  void bytesThatAreNoUtf8AreReplacedAndTheProviderIsStillAsked() {
    byte[] text =
        "GET / HTTP/1.1\r\nhost: a\r\nx-tenant: caf\u00e9\r\n\r\n"
            .getBytes(StandardCharsets.ISO_8859_1);

    HeadBuffer asked =
        check(List.of("x-tenant"), List.of(), List.of(), List.of())
            .call(Questions.input(Questions.head(text)))
            .head();

    assertThat(Questions.fields(asked)).contains("x-tenant: caf!");
  }

  @Test
  void aConnectionWithoutHttpCannotBeAskedAbout() {
    assertThatThrownBy(() -> PLAIN.call(Questions.connection()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- what is answered

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 299, 301, 400, 401, 403, 404, 429, 499})
  void onlyA200Allows(int status) throws UnusableAnswer {
    assertThat(PLAIN.read(answer(status)))
        .isInstanceOfSatisfying(
            Verdict.Denied.class, denied -> assertThat(denied.status()).isEqualTo(status));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504, 599})
  void a5xxIsAFailureOfTheAuthorizer(int status) throws UnusableAnswer {
    assertThat(PLAIN.read(answer(status))).isInstanceOf(CheckOutcome.Failed.class);
  }

  @Test
  void chosenHeadersOfAnAgreementReplaceThoseOfTheClient() throws UnusableAnswer {
    HeadBuffer request = Questions.get("x-user: admin", "x-drop: 1", "x-other: mine");
    Verdict verdict =
        (Verdict)
            check(List.of(), List.of("x-user", "x-group-*"), List.of(), List.of("set-cookie"))
                .read(
                    answer(
                        200,
                        "x-user",
                        "alice",
                        "x-group-a",
                        "1",
                        "x-other",
                        "theirs",
                        "set-cookie",
                        "s=1",
                        "x-envoy-auth-headers-to-remove",
                        "x-drop, host,:path",
                        "content-length",
                        "0"));

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Allowed.class,
            allowed -> {
              allowed.applyTo(request);
              assertThat(allowed.response().edits())
                  .extracting(edit -> edit.line().value())
                  .containsExactly("s=1");
            });
    assertThat(Questions.fields(request))
        .containsExactlyInAnyOrder(
            "host: shop.example:8080", "x-user: alice", "x-group-a: 1", "x-other: mine");
  }

  @Test
  void aDenialShowsTheClientAllHeadersWhenNoneAreChosen() throws UnusableAnswer {
    Verdict.Denied denied =
        (Verdict.Denied)
            PLAIN.read(
                answer(
                    401,
                    "www-authenticate",
                    "Basic",
                    "x-why",
                    "no",
                    "transfer-encoding",
                    "chunked",
                    "host",
                    "evil"));

    assertThat(Questions.fields(denied.headers()))
        .containsExactly("www-authenticate: Basic", "x-why: no");
    assertThat(denied.body().toStringUtf8()).isEqualTo("text");
  }

  @Test
  void aDenialShowsChosenHeadersAndThoseThatHttpNeeds() throws UnusableAnswer {
    Verdict.Denied denied =
        (Verdict.Denied)
            check(List.of(), List.of(), List.of("x-why"), List.of())
                .read(
                    answer(
                        302,
                        "location",
                        "/login",
                        "x-why",
                        "no",
                        "x-internal",
                        "1",
                        "date",
                        "now"));

    assertThat(Questions.fields(denied.headers())).containsExactly("location: /login", "x-why: no");
  }

  private static HttpCheck check(
      List<String> include, List<String> upstream, List<String> onDeny, List<String> onAllow) {
    return new HttpCheck(Questions.http(include, upstream, onDeny, onAllow));
  }

  private static CheckAnswer answer(int status, String... headers) {
    return new CheckAnswer(
        status, Questions.lines(headers), ByteString.copyFromUtf8("text"), List.of());
  }
}
