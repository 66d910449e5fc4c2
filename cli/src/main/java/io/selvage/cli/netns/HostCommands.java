package io.selvage.cli.netns;

import java.io.IOException;
import java.util.List;

/** The host's own tools ({@code ip}, {@code nft}, {@code unshare}), run to their end. */
public interface HostCommands {

  /**
   * Runs {@code command} with {@code input} as its standard input.
   *
   * @throws IOException when it cannot be started
   */
  Outcome run(List<String> command, String input) throws IOException;

  /** Runs {@code command} without input. */
  default Outcome run(String... command) throws IOException {
    return run(List.of(command), "");
  }

  /**
   * Runs {@code command}, which must succeed.
   *
   * @throws IOException when it exits with another status than 0; the message holds its own words
   */
  default Outcome must(List<String> command, String input) throws IOException {
    Outcome outcome = run(command, input);
    if (!outcome.succeeded()) {
      throw new IOException(
          "`%s` exited with %d: %s"
              .formatted(String.join(" ", command), outcome.exit(), outcome.err().strip()));
    }
    return outcome;
  }

  /** Exit status and what was written to both streams. */
  record Outcome(int exit, String out, String err) {
    /** Whether the exit status is 0. */
    public boolean succeeded() {
      return exit == 0;
    }
  }
}
