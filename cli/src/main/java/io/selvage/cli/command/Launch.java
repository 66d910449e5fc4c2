package io.selvage.cli.command;

import java.time.Instant;

/** When and by what this process was started. */
final class Launch {

  private Launch() {}

  /** When the user pressed return: the process's start, which is before Java's. */
  static Instant began() {
    return ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
  }
}
