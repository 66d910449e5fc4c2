package io.selvage.cli.netns;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * How a process is started inside a workload's namespace: a command line that changes place, gives
 * up what an application must not do there, and becomes the command itself, under one process id.
 *
 * <p>Given up are the capabilities with which an application could send around the capture: marking
 * sockets as the proxy does, changing rules or namespaces, becoming the proxy's user.
 */
public final class EntryCommand {

  private static final String GIVEN_UP =
      "-net_admin,-net_raw,-sys_admin,-sys_module,-sys_ptrace,-setuid,-setgid,-setpcap";

  private EntryCommand() {}

  /** As whom the command runs. */
  public enum Container {
    /** The application: its traffic is captured. */
    APPLICATION,
    /** The proxy's container: its traffic is not captured. */
    PROXY
  }

  /**
   * The command line for {@code command} as {@code container} inside {@code place}.
   *
   * @param throughProcess the process whose user and mount namespaces must be entered first, when
   *     the mesh runs in a user namespace and the caller does not
   */
  public static List<String> of(
      WorkloadNamespace place,
      Container container,
      OptionalLong throughProcess,
      List<String> command) {
    var line = new ArrayList<String>();
    throughProcess.ifPresent(
        pid ->
            line.addAll(
                List.of(
                    "nsenter",
                    "--target",
                    Long.toString(pid),
                    "--user",
                    "--mount",
                    "--net",
                    "--preserve-credentials",
                    "--")));
    line.addAll(List.of("nsenter", "--net=" + place.path(), "--", "unshare", "--mount", "--"));
    line.addAll(
        List.of(
            "sh",
            "-c",
            "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
            place.resolvConf().toString(),
            "setpriv"));
    if (container == Container.PROXY) {
      var user = Integer.toString(CaptureRules.PROXY_UID);
      line.addAll(List.of("--reuid", user, "--regid", user, "--clear-groups"));
    }
    line.addAll(List.of("--bounding-set", GIVEN_UP, "--inh-caps", GIVEN_UP, "--"));
    line.addAll(command);
    return line;
  }
}
