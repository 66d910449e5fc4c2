package io.selvage.doctor.probe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What curl's exits and words mean. */
final class CurlAnswerTest {
  private static CurlAnswer answer(int exit, String out, String err) {
    return CurlAnswer.of(new Ran(exit, out, err));
  }

  @Test
  void aStatusIsAnAnswerAndItsBodyStaysApart() {
    CurlAnswer answer = answer(0, "RBAC: access denied\n403\n", "");
    assertThat(answer.result()).isEqualTo("403");
    assertThat(answer.details()).containsEntry("body", "RBAC: access denied");
  }

  @Test
  void aResetIsToldFromAConnectionThatEndsAndFromADeadServer() {
    assertThat(answer(56, "\n000\n", "curl: (56) Recv failure: Connection reset by peer").result())
        .isEqualTo("reset");
    assertThat(answer(52, "\n000\n", "curl: (52) Empty reply from server").result())
        .isEqualTo("closed");
    assertThat(answer(7, "\n000\n", "curl: (7) Failed to connect").result()).isEqualTo("refused");
    assertThat(answer(28, "\n000\n", "curl: (28) timed out").result()).isEqualTo("timeout");
    assertThat(answer(6, "\n000\n", "curl: (6) Could not resolve host").result())
        .isEqualTo("unresolved");
  }

  @Test
  void anEchoShowsWhatTheServerSawOfTheCaller() {
    assertThat(
            answer(
                    0,
                    "{\"headers\": {\"X-Forwarded-Client-Cert\": \"By=a;Hash=b;URI=c\"}}\n200\n",
                    "")
                .peerSeen())
        .contains("By=a;Hash=b;URI=c");
    assertThat(
            answer(0, "{\"headers\": {\"X-Forwarded-Client-Cert\": [\"By=a\"]}}\n200\n", "")
                .peerSeen())
        .as("newer httpbins give lists")
        .contains("By=a");
    assertThat(answer(0, "{\"headers\": {}}\n200\n", "").peerSeen()).isEmpty();
    assertThat(answer(0, "<html>\n200\n", "").peerSeen()).isEmpty();
  }
}
