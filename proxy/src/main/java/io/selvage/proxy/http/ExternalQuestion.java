package io.selvage.proxy.http;

import io.netty.buffer.ByteBuf;
import io.selvage.proxy.authorize.Question;
import io.selvage.proxy.extauthz.ExternalAuthorizers;
import io.selvage.proxy.http1.BodyFraming;
import io.selvage.proxy.http1.HeadBuffer;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Asking an external authorizer about one request. */
final class ExternalQuestion {
  sealed interface Answer {}

  record Agreed() implements Answer {}

  record Disagreed(LocalReply reply) implements Answer {}

  private final Question question;
  private final BiConsumer<Question, Answer> answered;

  ExternalQuestion(
      ExternalAuthorizers a,
      Question question,
      HeadBuffer head,
      BodyFraming framing,
      ClientStream client,
      BiConsumer<Question, Answer> answered) {
    this.question = question;
    this.answered = answered;
  }

  void begin() {
    answered.accept(question, new Disagreed(LocalReply.denied("ext_authz_denied")));
  }

  boolean isCollecting() {
    return false;
  }

  void collect(ByteBuf piece) {
    piece.release();
  }

  void collected() {}

  boolean bodyEnded() {
    return false;
  }

  @Nullable ByteBuf takeBody() {
    return null;
  }

  void cancel() {}
}
