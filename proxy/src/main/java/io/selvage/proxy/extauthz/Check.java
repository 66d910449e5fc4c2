package io.selvage.proxy.extauthz;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One question under way. Lives on one event loop; ends once: with an answer, in time or not, or by
 * {@link #cancel}.
 */
public final class Check implements CheckTransport.Listener {
  private final EventLoop loop;
  private final CheckProtocol protocol;
  private final Consumer<CheckOutcome> ended;
  private CheckTransport.@Nullable Sent sent;
  private @Nullable Future<?> timer;
  private boolean starting = true;
  private boolean over;
  private boolean cancelled;

  /**
   * @param ended called once, on the loop, and not before {@link #begin} has returned
   */
  Check(EventLoop loop, CheckProtocol protocol, Consumer<CheckOutcome> ended) {
    this.loop = loop;
    this.protocol = protocol;
    this.ended = ended;
  }

  void begin(CheckInput input, CheckTransport transport, long timeoutNanos) {
    CheckCall call;
    try {
      call = protocol.call(input);
    } catch (IllegalArgumentException e) {
      end(Verdict.Denied.invalid("this request can't be put to the authorizer: " + e.getMessage()));
      starting = false;
      return;
    }
    if (timeoutNanos > 0) {
      timer = loop.schedule(this::late, timeoutNanos, TimeUnit.NANOSECONDS);
    }
    CheckTransport.Sent begun = transport.send(call, loop, this);
    starting = false;
    if (!over) {
      sent = begun;
    }
  }

  @Override
  public void answered(CheckAnswer answer) {
    if (over) {
      return;
    }
    CheckOutcome outcome;
    try {
      outcome = protocol.read(answer);
    } catch (UnusableAnswer e) {
      outcome = Verdict.Denied.invalid(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      outcome = Verdict.Denied.invalid("the authorizer's answer is not understood: " + e);
    }
    end(outcome);
  }

  @Override
  public void failed(String reason) {
    end(new CheckOutcome.Failed(reason));
  }

  private void late() {
    CheckTransport.Sent waiting = sent;
    end(new CheckOutcome.Failed("the authorizer did not answer in time"));
    if (waiting != null) {
      waiting.cancel();
    }
  }

  private void end(CheckOutcome outcome) {
    if (over) {
      return;
    }
    over = true;
    stopTimer();
    if (starting) {
      loop.execute(() -> tell(outcome));
    } else {
      tell(outcome);
    }
  }

  private void tell(CheckOutcome outcome) {
    if (!cancelled) {
      ended.accept(outcome);
    }
  }

  /** The client is gone: the authorizer's answer no longer matters, and nobody hears of it. */
  public void cancel() {
    cancelled = true;
    over = true;
    stopTimer();
    CheckTransport.Sent waiting = sent;
    sent = null;
    if (waiting != null) {
      waiting.cancel();
    }
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
