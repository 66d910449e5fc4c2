package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What silent nodes cost. */
final class KubeletsTest {
  private static final int PODS = 100;

  private final AtomicReference<Instant> now = new AtomicReference<>(FakeApi.NOW);
  private final AtomicInteger asked = new AtomicInteger();
  private final Kubelets kubelets =
      new Kubelets(
          new Objects(
              Map.of(
                  Kind.NODE,
                  Look.seen(List.of(node("up", "True"), node("down", "Unknown"))),
                  Kind.POD,
                  Look.seen(pods()))),
          Duration.ofMinutes(1),
          now::get);

  private static ApiObject node(String name, String ready) {
    return object(
        "{\"metadata\": {\"name\": \"%s\"}, \"status\": {\"conditions\": [{\"type\": \"Ready\", \"status\": \"%s\"}]}}"
            .formatted(name, ready));
  }

  private static List<ApiObject> pods() {
    List<ApiObject> all = new ArrayList<>();
    for (String node : List.of("up", "down")) {
      for (int i = 0; i < PODS; i++) {
        all.add(
            object(
                "{\"metadata\": {\"namespace\": \"sample\", \"name\": \"%1$s-%2$d\"}, \"spec\": {\"nodeName\": \"%1$s\"}}"
                    .formatted(node, i)));
      }
    }
    return all;
  }

  private static ApiObject object(String json) {
    return new ApiObject((ObjectNode) JsonMapper.shared().readTree(json));
  }

  /** Asks all Pods of a node at once; what was said of each. */
  private List<String> askAll(String node, Kubelets.Question<String> question) {
    try (Parallel parallel = new Parallel()) {
      return parallel.each(
          IntStream.range(0, PODS).boxed().toList(),
          i -> {
            try {
              return kubelets.ask("sample", node + "-" + i, question);
            } catch (IOException e) {
              return String.valueOf(e.getMessage());
            }
          });
    }
  }

  private String silence() throws IOException {
    asked.incrementAndGet();
    throw new SocketTimeoutException("Read timed out");
  }

  @Test
  void aNodeThatAnswersNothingIsAskedForFewOfItsPods() {
    assertThat(askAll("up", this::silence))
        .filteredOn(said -> said.startsWith("not asked"))
        .hasSize(PODS - 4)
        .containsOnly("not asked: node up answered none of 4 questions before");
    assertThat(asked).hasValue(4);
  }

  @Test
  void oneThatIsNotReadyIsAskedOnce() {
    assertThat(askAll("down", this::silence))
        .contains("not asked: node down, which is not ready, answered none of 1 questions before");
    assertThat(asked).hasValue(1);
  }

  @Test
  void aNodeThatIsAwayKeepsNoOtherFromBeingAsked() {
    askAll("down", this::silence);
    assertThat(askAll("up", () -> "fine")).hasSize(PODS).containsOnly("fine");
  }

  @Test
  void silentPodsOfANodeThatAnswersAreTheirOwnFault() throws IOException {
    assertThat(kubelets.ask("sample", "up-0", () -> "fine")).isEqualTo("fine");
    askAll("up", this::silence);
    assertThat(asked).hasValue(PODS);
  }

  /** Such as a port that nobody listens at: the kubelet says so at once. */
  @Test
  void whatFailsAtOnceIsNoSilence() {
    askAll(
        "up",
        () -> {
          asked.incrementAndGet();
          throw new IOException("closed");
        });
    assertThat(asked).hasValue(PODS);
  }

  @Test
  void whatFailsSlowlyIs() {
    askAll(
        "up",
        () -> {
          asked.incrementAndGet();
          now.updateAndGet(before -> before.plusSeconds(3));
          throw new IOException("no route to host");
        });
    assertThat(asked).hasValue(4);
  }

  @Test
  void untilItsFirstAnswerNoMoreAreUnderWayThanMaySaySilent() throws InterruptedException {
    var under = new CountDownLatch(4);
    var free = new CountDownLatch(1);
    var atOnce = new AtomicInteger();
    var most = new AtomicInteger();
    try (Parallel parallel = new Parallel()) {
      var all =
          parallel.begin(
              () ->
                  askAll(
                      "up",
                      () -> {
                        if (free.getCount() > 0) {
                          most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                          under.countDown();
                          await(free);
                        }
                        return "fine";
                      }));
      under.await();
      assertThat(most).hasValue(4);
      free.countDown();
      assertThat(all.join()).hasSize(PODS).containsOnly("fine");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void patienceHasAnEnd() throws IOException {
    now.updateAndGet(before -> before.plusSeconds(60));
    assertThat(kubelets.ask("sample", "up-0", () -> "fine")).isEqualTo("fine");
    now.updateAndGet(before -> before.plusSeconds(1));
    assertThatThrownBy(() -> kubelets.ask("sample", "up-1", () -> "fine"))
        .hasMessage("the 60 s for all Pods together were over; a longer --timeout gives more");
  }
}
