package io.selvage.doctor.probe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The two options of a conversation. */
final class ConversationTest {
  @Test
  void aConversationNamesAWorkloadAServiceAndItsPort() {
    Conversation read = Conversation.of("sleep.sample", "httpbin.web:8000").orElseThrow();
    assertThat(read.from()).hasToString("sleep.sample");
    assertThat(read.to()).hasToString("httpbin.web");
    assertThat(read.port()).isEqualTo(8000);
  }

  @Test
  void nothingElseIsOne() {
    assertThat(Conversation.of("sleep", "httpbin.web:8000")).isEmpty();
    assertThat(Conversation.of("sleep.sample", "httpbin.web")).isEmpty();
    assertThat(Conversation.of("sleep.sample:1", "httpbin.web:8000")).isEmpty();
    assertThat(Conversation.of("sleep.sample", "httpbin.web:0")).isEmpty();
    assertThat(Conversation.of("sleep.sample", "httpbin.web:99999")).isEmpty();
    assertThat(Conversation.of("sleep.sample", "--help.web:80")).isEmpty();
  }
}
