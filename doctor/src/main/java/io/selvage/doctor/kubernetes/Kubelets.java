package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Objects;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way to Pods leads through their nodes' kubelets, and some answer nothing. Until a node's
 * first answer few of its Pods are asked, and when those say nothing, no others: a node that is
 * away costs one wait, whatever runs on it. All waits together have an end too.
 */
final class Kubelets {
  /** Each is a connection to the API server, and one to a kubelet. */
  private static final int AT_A_TIME = 32;

  /** One silent Pod may be that Pod's fault; of a node that is not ready one is enough. */
  private static final int FIRST = 4;

  /** A failure that took so long is silence: a connection that nobody takes, for example. */
  private static final Duration SLOW = Duration.ofSeconds(2);

  private final Map<String, Node> byPod = new HashMap<>();
  private final Map<String, Node> others = new ConcurrentHashMap<>();
  private final Semaphore free = new Semaphore(AT_A_TIME);
  private final InstantSource clock;
  private final Duration patience;
  private final Instant end;

  /**
   * Begins to be patient.
   *
   * @param objects Pods with their nodes
   * @param patience after which nobody is asked any more
   */
  Kubelets(Objects objects, Duration patience, InstantSource clock) {
    this.clock = clock;
    this.patience = patience;
    this.end = clock.instant().plus(patience);
    Map<String, Node> nodes = new HashMap<>();
    for (ApiObject pod : objects.all(Kind.POD)) {
      String name = pod.text("/spec/nodeName");
      if (!name.isEmpty()) {
        byPod.put(
            key(pod.namespace(), pod.name()),
            nodes.computeIfAbsent(name, each -> node(each, objects)));
      }
    }
  }

  private static Node node(String name, Objects objects) {
    boolean ready = objects.find(Kind.NODE, "", name).map(Selecting::isReady).orElse(true);
    return new Node(
        ready ? "node " + name : "node %s, which is not ready,".formatted(name), ready ? FIRST : 1);
  }

  private static String key(String namespace, String pod) {
    return namespace + "/" + pod;
  }

  /** What is asked of a Pod. */
  @FunctionalInterface
  interface Question<T> {
    T answer() throws IOException;
  }

  /**
   * Asks, when it is its turn.
   *
   * @throws IOException the question's, or why it was not asked
   */
  <T> T ask(String namespace, String pod, Question<T> question) throws IOException {
    String key = key(namespace, pod);
    Node known = byPod.get(key);
    Node node =
        known == null
            ? others.computeIfAbsent(key, name -> new Node("the node of Pod " + name, FIRST))
            : known;
    node.enter();
    Outcome outcome = Outcome.UNDECIDED;
    try {
      free.acquireUninterruptibly();
      try {
        Instant begun = goOn();
        try {
          T answer = question.answer();
          outcome = Outcome.ANSWERED;
          return answer;
        } catch (SocketTimeoutException e) {
          outcome = Outcome.SILENT;
          throw e;
        } catch (IOException e) {
          boolean slow = begun.plus(SLOW).isBefore(clock.instant());
          outcome = slow ? Outcome.SILENT : Outcome.UNDECIDED;
          throw e;
        }
      } finally {
        free.release();
      }
    } finally {
      node.leave(outcome);
    }
  }

  /**
   * Whether there is time left.
   *
   * @return now
   * @throws IOException when patience is over
   */
  Instant goOn() throws IOException {
    Instant now = clock.instant();
    if (now.isAfter(end)) {
      throw new IOException(
          "the %d s for all Pods together were over; a longer --timeout gives more"
              .formatted(patience.toSeconds()));
    }
    return now;
  }

  private enum Outcome {
    ANSWERED,
    SILENT,
    UNDECIDED
  }

  /** One kubelet, as far as it has answered. */
  private static final class Node {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final String shown;
    private final int most;
    private boolean answers;
    private int asked;
    private int silent;

    Node(String shown, int most) {
      this.shown = shown;
      this.most = most;
    }

    void enter() throws IOException {
      lock.lock();
      try {
        while (!answers && silent < most && silent + asked >= most) {
          changed.awaitUninterruptibly();
        }
        if (!answers && silent >= most) {
          throw new IOException(
              "not asked: %s answered none of %d questions before".formatted(shown, silent));
        }
        asked++;
      } finally {
        lock.unlock();
      }
    }

    void leave(Outcome outcome) {
      lock.lock();
      try {
        asked--;
        switch (outcome) {
          case ANSWERED -> answers = true;
          case SILENT -> silent++;
          case UNDECIDED -> {}
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
