package io.selvage.xds.server;

import io.selvage.xds.XdsType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far one client is; what CSDS and {@code selvage status} show.
 *
 * @param nodeId as the client sent it
 * @param identity SPIFFE ID that it proved; empty when none was asked for
 * @param remote where it connects from
 * @param connectedAt since when
 * @param delta true: incremental xDS
 * @param metadata top-level text values that the client sent of itself
 * @param types by type, in push order
 */
public record ClientStatus(
    String nodeId,
    Optional<String> identity,
    String remote,
    Instant connectedAt,
    boolean delta,
    Map<String, String> metadata,
    List<TypeStatus> types) {
  public ClientStatus {
    metadata = Map.copyOf(metadata);
    types = List.copyOf(types);
  }

  /**
   * One type's.
   *
   * @param type which
   * @param subscribed whether it asked
   * @param sentVersion last sent; empty: nothing
   * @param ackedVersion last acknowledged; empty: nothing
   * @param sentAt when that was; empty: never
   * @param state where that leaves it
   * @param nack the last refusal, kept after a later version was taken
   */
  public record TypeStatus(
      XdsType type,
      boolean subscribed,
      String sentVersion,
      String ackedVersion,
      Optional<Instant> sentAt,
      State state,
      Optional<Nack> nack) {
    /** The refusal of what it should have now; empty when it did not refuse that. */
    public Optional<Nack> currentNack() {
      return state == State.NACKED ? nack : Optional.empty();
    }
  }

  /** Where a client is with a type. */
  public enum State {
    /** It didn't ask, or there was nothing. */
    NOT_SENT,
    /** It took the newest. */
    SYNCED,
    /** The newest is under way, or waits for its turn. */
    STALE,
    /** It refused the newest. */
    NACKED
  }

  /**
   * A refusal.
   *
   * @param version of what was refused
   * @param detail the client's words
   * @param at when
   */
  public record Nack(String version, String detail, Instant at) {}
}
