package io.selvage.control.kubernetes.lease;

import java.util.Optional;

/** Where the Lease is kept. Nothing is ever written over what wasn't read. */
interface LeaseStore {
  /**
   * What is there.
   *
   * @param version another one after each write
   */
  record Stored(LeaseRecord record, String version) {}

  /** What is there now; empty when there is no Lease. */
  Optional<Stored> read();

  /**
   * Writes.
   *
   * @param before what was read; empty: there must be none
   * @throws RuntimeException when there is something else by now, or the outcome isn't known
   */
  void write(Optional<Stored> before, LeaseRecord record);
}
