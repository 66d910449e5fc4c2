package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.EntryCommand.Container;
import org.jspecify.annotations.Nullable;

/** The names that {@code -c} takes, as in a pod with a sidecar. */
final class Containers {

  /** The proxy's. */
  static final String PROXY = "istio-proxy";

  /** The application's. */
  static final String APPLICATION = "app";

  private Containers() {}

  /**
   * The container of that name.
   *
   * @param name absent: the application's; it may also be called as the workload is
   */
  static Container of(@Nullable String name, String workload) {
    if (name == null || name.equals(APPLICATION) || name.equals(workload)) {
      return Container.APPLICATION;
    }
    if (name.equals(PROXY)) {
      return Container.PROXY;
    }
    throw new UserError(
        ExitCode.USAGE,
        "%s has no container `%s`: there are %s and %s"
            .formatted(workload, name, APPLICATION, PROXY));
  }
}
