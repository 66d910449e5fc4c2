package io.selvage.doctor.evidence;

import java.time.Duration;

/**
 * A clock against ours.
 *
 * @param party whose, such as {@code API server} or {@code node/east-1}
 * @param ahead how far it is ahead of ours; negative when behind
 * @param precision within which that is known
 */
public record ClockReading(String party, Duration ahead, Duration precision) {
  /** The party that answers for the whole cluster. */
  public static final String API_SERVER = "API server";
}
