package io.selvage.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.selvage.proxy.accept.VerifiedPeer;
import io.selvage.proxy.authorize.Question;
import io.selvage.proxy.extauthz.Authorizer;
import io.selvage.proxy.extauthz.Check;
import io.selvage.proxy.extauthz.CheckInput;
import io.selvage.proxy.extauthz.CollectedBody;
import io.selvage.proxy.extauthz.Verdict;
import io.selvage.proxy.http1.BodyFraming;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.HeadBuffer;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asking an external authorizer about one request. The request's body waits meanwhile; as much of
 * it as the authorizer is to see is collected first, and goes on to the upstream afterwards.
 */
final class ExternalQuestion {
  /** Who hears of the answer. */
  interface Asker {
    /** The authorizer has spoken, or could not. */
    void answered(Question question, Verdict verdict);

    /** The body is more than the authorizer takes. */
    void tooLarge();
  }

  private final Question question;
  private final Authorizer authorizer;
  private final HeadBuffer head;
  private final ClientStream client;
  private final Asker asker;
  private final InstantSource clock;
  private final @Nullable CollectedBody collected;
  private @Nullable Check check;
  private boolean asked;
  private boolean taken;

  ExternalQuestion(
      Question question,
      Authorizer authorizer,
      HeadBuffer head,
      BodyFraming framing,
      ClientStream client,
      Asker asker,
      InstantSource clock) {
    this.question = question;
    this.authorizer = authorizer;
    this.head = head;
    this.client = client;
    this.asker = asker;
    this.clock = clock;
    boolean wanted = authorizer.requestBody().isPresent() && !(framing instanceof BodyFraming.None);
    this.collected =
        wanted ? new CollectedBody(authorizer.requestBody().get(), ByteBufAllocator.DEFAULT) : null;
  }

  void begin() {
    if (collected == null) {
      ask(Optional.empty());
    } else {
      client.readBody(BodyReader.Output.DATA);
    }
  }

  private void ask(Optional<CheckInput.Body> body) {
    asked = true;
    VerifiedPeer peer = question.peer();
    CheckInput input =
        new CheckInput(
            new CheckInput.Peer(peer.source(), peer.facts().peerPrincipal()),
            new CheckInput.Peer(
                peer.destination(),
                Optional.ofNullable(peer.own()).map(own -> own.spiffeId().toString())),
            peer.facts().serverName(),
            clock.instant(),
            Optional.of(CheckInput.Request.of(head, client.isHttp2(), peer.isTls(), body)));
    Consumer<Verdict> answered = verdict -> asker.answered(question, verdict);
    check = authorizer.check(input, client.loop(), answered);
  }

  /** Whether pieces of the body are to come here. */
  boolean isCollecting() {
    return collected != null && !taken;
  }

  /** Takes over a piece of the body. */
  void collect(ByteBuf piece) {
    CollectedBody into = collected;
    if (into == null) {
      piece.release();
      return;
    }
    step(into, into.add(piece));
  }

  /** The body is complete. */
  void collected() {
    if (collected != null) {
      step(collected, collected.end());
    }
  }

  private void step(CollectedBody body, CollectedBody.Step step) {
    if (asked) {
      return; // what still arrives goes on behind what was collected
    }
    switch (step) {
      case MORE -> {}
      case ASK -> {
        if (!body.isEnded()) {
          client.pauseBody(true);
        }
        ask(Optional.of(body.forCheck()));
      }
      case TOO_LARGE -> {
        asked = true;
        asker.tooLarge();
      }
    }
  }

  /** Everything that was collected, once; null when nothing was. */
  @Nullable ByteBuf takeBody() {
    if (collected == null || taken) {
      return null;
    }
    taken = true;
    return collected.take();
  }

  /** Whether the whole body was collected. */
  boolean isBodyEnded() {
    return collected != null && collected.isEnded();
  }

  /** Nobody wants to know any more. */
  void cancel() {
    if (check != null) {
      check.cancel();
    }
    release();
  }

  /** Lets go what was collected and not taken. */
  void release() {
    if (collected != null && !taken) {
      taken = true;
      collected.release();
    }
  }
}
