package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Somebody who sends requests for the doctor, from inside of the mesh's network. */
public interface Asker {
  /** How often {@link #getUntil} asks. */
  Duration STEP = Duration.ofMillis(150);

  /** As outcomes call it: {@code outside}, or {@code namespace/serviceaccount}. */
  String name();

  /** Sends a GET. */
  CurlAnswer get(String url, String... headers) throws ProbeFailed, InterruptedException;

  /** Makes a TLS handshake without a certificate of its own. */
  Look<Handshake.Served> handshake(String address, int port)
      throws ProbeFailed, InterruptedException;

  /** How many ports it asks together without losing time: what one of them costs is much. */
  default int together() {
    return 1;
  }

  /** Sends a GET to each, and gives the answers in their order. */
  default List<CurlAnswer> getAll(List<String> urls) throws ProbeFailed, InterruptedException {
    List<CurlAnswer> answers = new ArrayList<>();
    for (String url : urls) {
      answers.add(get(url));
    }
    return answers;
  }

  /** Makes a handshake with each, and gives what was served in their order. */
  default List<Look<Handshake.Served>> handshakes(List<ProbeTarget> targets)
      throws ProbeFailed, InterruptedException {
    List<Look<Handshake.Served>> served = new ArrayList<>();
    for (ProbeTarget target : targets) {
      served.add(handshake(target.address(), target.port()));
    }
    return served;
  }

  /** The URL by which it calls a port. */
  default String url(ProbeTarget target, String path) {
    return "http://" + target.authority() + path;
  }

  /**
   * Sends a GET until it is answered as {@code wanted}, for so long at most; gives the last answer.
   */
  default CurlAnswer getUntil(String url, Duration patience, Predicate<CurlAnswer> wanted)
      throws ProbeFailed, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    CurlAnswer answer = get(url);
    while (!wanted.test(answer) && System.nanoTime() < end) {
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
      answer = get(url);
    }
    return answer;
  }
}
