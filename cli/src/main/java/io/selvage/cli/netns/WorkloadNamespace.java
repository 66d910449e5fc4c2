package io.selvage.cli.netns;

import java.nio.file.Path;

/**
 * One workload's network namespace, as {@link MeshNetwork} made it.
 *
 * @param name what {@code ip netns} calls it
 * @param address the workload's IPv4 address on {@code eth0}
 * @param resolvConf the file bound over {@code /etc/resolv.conf} for processes inside
 */
public record WorkloadNamespace(String name, String address, Path resolvConf) {

  /** Where the kernel's handle of it is bound. */
  public Path path() {
    return MeshNetwork.NETNS_DIRECTORY.resolve(name);
  }
}
