package io.selvage.proxy.extauthz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Time stands still on the loop of these tests unless they move it. */
class AuthorizerTest {
  private static final CheckAnswer YES =
      new CheckAnswer(200, List.of(), ByteString.EMPTY, List.of());
  private static final CheckAnswer BROKEN =
      new CheckAnswer(503, List.of(), ByteString.EMPTY, List.of());

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EventLoop loop = channel.eventLoop();
  private final Wire wire = new Wire();
  private final List<Verdict> verdicts = new ArrayList<>();

  /** A transport on which the test plays the authorizer. */
  private static final class Wire implements CheckTransport {
    @Nullable Listener listener;
    int cancelled;
    @Nullable CheckAnswer atOnce;

    @Override
    public Sent send(CheckCall call, EventLoop loop, Listener to) {
      listener = to;
      if (atOnce != null) {
        to.answered(atOnce);
      }
      return () -> cancelled++;
    }

    Listener waiting() {
      if (listener == null) {
        throw new AssertionError("nobody has asked");
      }
      return listener;
    }
  }

  @BeforeEach
  void stopTime() {
    channel.freezeTime();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void anAnswerIsToldOnce() {
    ask(Questions.http(false));

    wire.waiting().answered(YES);
    wire.waiting().answered(YES);
    wire.waiting().failed("late");
    pass(10);

    assertThat(verdicts).hasSize(1).first().isInstanceOf(Verdict.Allowed.class);
    assertThat(wire.cancelled).isZero();
  }

  @Test
  void anAnswerAtOnceIsToldAfterTheQuestionHasBeenPut() {
    wire.atOnce = YES;

    ask(Questions.http(false));
    assertThat(verdicts).isEmpty();
    channel.runPendingTasks();

    assertThat(verdicts).hasSize(1);
  }

  @Test
  void noAnswerInTimeIsAFailureAndEndsTheCall() {
    ask(Questions.http(false));

    pass(1);
    assertThat(verdicts).isEmpty();
    pass(1);
    wire.waiting().answered(YES);

    assertThat(verdicts).singleElement().satisfies(v -> assertDenied(v, 503, "ext_authz_error"));
    assertThat(wire.cancelled).isEqualTo(1);
  }

  @Test
  void aFailureLetsTheRequestPassWhereThatIsConfiguredAndSaysSo() {
    ask(Questions.http(true));

    wire.waiting().failed("connection refused");

    HeadBuffer head = Questions.get("x-envoy-auth-failure-mode-allowed: false");
    assertThat(verdicts)
        .singleElement()
        .isInstanceOfSatisfying(
            Verdict.Allowed.class,
            allowed -> {
              assertThat(allowed.failure()).contains("connection refused");
              allowed.applyTo(head);
            });
    assertThat(Questions.fields(head))
        .containsExactly("host: shop.example:8080", "x-envoy-auth-failure-mode-allowed: true");
  }

  @Test
  void anAuthorizerThatIsBrokenIsAFailureToo() {
    ask(Questions.http(true));
    wire.waiting().answered(BROKEN);
    ask(Questions.http(false));
    wire.waiting().answered(BROKEN);

    assertThat(verdicts.get(0)).isInstanceOf(Verdict.Allowed.class);
    assertDenied(verdicts.get(1), 503, "ext_authz_error");
  }

  @Test
  void anAnswerThatCannotBeCarriedOutNeverLetsTheRequestPass() {
    ask(Questions.http(true));
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      many.addAll(List.of("x-" + i, "v"));
    }

    wire.waiting()
        .answered(
            new CheckAnswer(
                200, Questions.lines(many.toArray(String[]::new)), ByteString.EMPTY, List.of()));

    assertThat(verdicts).singleElement().satisfies(v -> assertDenied(v, 500, "ext_authz_invalid"));
  }

  @Test
  void aRequestThatCannotBePutToTheAuthorizerNeverPasses() {
    Authorizer http = new Authorizer(Questions.http(true), wire);

    http.check(Questions.connection(), loop, verdicts::add);
    assertThat(verdicts).isEmpty();
    channel.runPendingTasks();

    assertThat(verdicts).singleElement().satisfies(v -> assertDenied(v, 500, "ext_authz_invalid"));
  }

  @Test
  void nobodyHearsOfAQuestionThatWasCancelled() {
    ask(Questions.grpc(true)).cancel();
    wire.waiting().answered(YES);
    pass(10);

    wire.atOnce = YES;
    ask(Questions.http(false)).cancel();
    channel.runPendingTasks();

    assertThat(verdicts).isEmpty();
    assertThat(wire.cancelled).isEqualTo(1);
  }

  @Test
  void aProviderThatIsNotConfiguredDenies() {
    ExternalAuthorizers none =
        new ExternalAuthorizers(List.of(Questions.http(true)), cluster -> wire);

    none.named("other").check(Questions.input(Questions.get()), loop, verdicts::add);
    channel.runPendingTasks();

    assertThat(verdicts).singleElement().satisfies(v -> assertDenied(v, 403, "ext_authz_error"));
    assertThat(wire.listener).isNull();
  }

  private Check ask(ExternalAuthorizer config) {
    return new Authorizer(config, wire)
        .check(Questions.input(Questions.get()), loop, verdicts::add);
  }

  private void pass(int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  private static void assertDenied(Verdict verdict, int status, String details) {
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Denied.class,
            denied -> {
              assertThat(denied.status()).isEqualTo(status);
              assertThat(denied.details()).isEqualTo(details);
            });
  }
}
