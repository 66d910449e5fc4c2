package io.selvage.cli.state;

import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.WorkloadNamespace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How a command is run as a workload of a running mesh: the one way for {@code exec}, for the demo
 * and for the workloads' own processes.
 *
 * @param line the command line to start
 * @param environment to be added to the caller's
 */
public record WorkloadEntry(List<String> line, Map<String, String> environment) {

  public WorkloadEntry {
    line = List.copyOf(line);
    environment = Map.copyOf(environment);
  }

  /**
   * {@code command} as {@code container} of {@code workload}.
   *
   * @param throughProcess the process whose user namespace has to be entered first; empty when the
   *     caller is in it
   */
  public static WorkloadEntry of(
      MeshState.Workload workload,
      Isolation.Mode mode,
      Container container,
      List<String> command,
      OptionalLong throughProcess) {
    return switch (mode) {
      case ROOT_NAMESPACES -> inside(workload, container, command, OptionalLong.empty());
      case USER_NAMESPACES -> inside(workload, container, command, throughProcess);
      case HTTP_PROXY ->
          new WorkloadEntry(
              command,
              container == Container.PROXY
                  ? Map.of("http_proxy", "")
                  : Map.of("http_proxy", workload.httpProxy(), "no_proxy", ""));
    };
  }

  private static WorkloadEntry inside(
      MeshState.Workload workload,
      Container container,
      List<String> command,
      OptionalLong through) {
    boolean other = container == Container.PROXY && !workload.proxyNetns().isEmpty();
    var place =
        new WorkloadNamespace(
            other ? workload.proxyNetns() : workload.netns(),
            workload.address(),
            Path.of(other ? workload.proxyResolvConf() : workload.resolvConf()));
    return new WorkloadEntry(
        EntryCommand.of(place, other ? Container.APPLICATION : container, through, command),
        Map.of("SELVAGE_WORKLOAD", workload.cluster() + "/" + workload.name()));
  }
}
