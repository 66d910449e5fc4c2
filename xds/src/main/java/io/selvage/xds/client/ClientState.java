package io.selvage.xds.client;

import io.selvage.xds.XdsType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How this proxy stands with its control plane.
 *
 * @param connectedSince when the stream brought its first response; empty while away
 * @param lastError why the last stream ended; kept after reconnecting
 * @param types by type, in push order
 * @param waiting what is announced but not whole yet, and for what it waits
 */
public record ClientState(
    Optional<Instant> connectedSince,
    Optional<Failure> lastError,
    List<TypeState> types,
    List<String> waiting) {
  /** The end of a stream. */
  public record Failure(Instant at, String text) {}

  /**
   * One type's.
   *
   * @param type which
   * @param version last taken; empty: none
   * @param resources how many are held
   * @param takenAt when that was taken
   * @param refused why the newest is refused; empty when it isn't
   */
  public record TypeState(
      XdsType type,
      String version,
      int resources,
      Optional<Instant> takenAt,
      Optional<Refusal> refused) {}

  /**
   * Why the newest of a type is not used.
   *
   * @param why as the control plane was told
   * @param at when
   * @param resources what was wrong with each that cannot be used; empty when it is their use
   *     together that fails
   */
  public record Refusal(String why, Instant at, Map<String, String> resources) {
    public Refusal {
      resources = Map.copyOf(resources);
    }
  }
}
