package io.selvage.doctor.conversation;

import io.selvage.doctor.Status;
import java.util.List;

/**
 * One thing on the way of a request.
 *
 * @param name what it is: {@code caller}, {@code certificate}, {@code policy}
 * @param status FAIL when the request ends here, UNKNOWN when it could not be seen
 * @param summary in a line
 * @param details further lines
 */
public record Hop(String name, Status status, String summary, List<String> details) {
  public Hop {
    details = List.copyOf(details);
  }

  static Hop of(String name, Status status, String summary, String... details) {
    return new Hop(name, status, summary, List.of(details));
  }
}
