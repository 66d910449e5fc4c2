package io.selvage.cli.netns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network of one mesh on this machine: a fabric namespace with a bridge for each cluster, which
 * routes between them as a node would, and a namespace for each workload, hung on its cluster's
 * bridge by a veth pair.
 *
 * <p>Nothing outside these namespaces changes: no address, route, rule or sysctl of the host, and
 * no file under {@code /etc}. All are called {@code selvage-MESH.…}; {@link #removeAll} finds them
 * by that name, so it also clears what a killed process left. A mesh's name has no dots, so that of
 * one never begins another's.
 */
public final class MeshNetwork implements AutoCloseable {

  /** Where {@code ip netns} keeps its handles. */
  static final Path NETNS_DIRECTORY = Path.of("/run/netns");

  private static final Logger LOG = LoggerFactory.getLogger(MeshNetwork.class);

  private final HostCommands host;
  private final String mesh;
  private final List<String> clusters;
  private final AddressPlan addresses;
  private final Path directory;
  private final List<WorkloadNamespace> namespaces = new ArrayList<>();
  private int links;

  private MeshNetwork(HostCommands host, String mesh, List<String> clusters, Path directory) {
    this.host = host;
    this.mesh = mesh;
    this.clusters = List.copyOf(clusters);
    this.addresses = AddressPlan.inNamespaces(clusters);
    this.directory = directory;
  }

  /**
   * Creates the fabric.
   *
   * @param mesh the mesh's name, lower-case letters, digits and dashes
   * @param directory where the workloads' {@code resolv.conf} files go
   * @throws IOException when a command fails; nothing stays behind
   */
  public static MeshNetwork create(
      HostCommands host, String mesh, List<String> clusters, Path directory) throws IOException {
    removeAll(host, mesh);
    var network = new MeshNetwork(host, mesh, clusters, directory);
    try {
      network.createFabric();
      return network;
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private void createFabric() throws IOException {
    host.must(List.of("ip", "netns", "add", fabric()), "");
    host.must(
        CaptureRules.inside(fabric(), "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"), "");
    var batch = new StringBuilder("link set lo up\n");
    for (String cluster : clusters) {
      batch.append(
          """
          link add %1$s type bridge
          addr add %2$s/16 dev %1$s
          link set %1$s up
          """
              .formatted(bridge(cluster), addresses.gateway(cluster)));
    }
    host.must(List.of("ip", "-n", fabric(), "-batch", "-"), batch.toString());
  }

  /** The plan that pod and service addresses come from. */
  public AddressPlan addresses() {
    return addresses;
  }

  /**
   * Makes a namespace for the workload {@code namespace/workload} of {@code cluster}. Capture
   * stands before the link goes up, so nothing ever leaves around the proxy.
   *
   * @param captured whether a proxy takes its traffic
   */
  public synchronized WorkloadNamespace add(
      String cluster, String namespace, String workload, boolean captured) throws IOException {
    var pod = "%s%s.%s.%s".formatted(prefix(mesh), cluster, namespace, workload);
    var address = addresses.nextPod(cluster);
    var created = new WorkloadNamespace(pod, address, resolvConf(pod, namespace));
    host.must(List.of("ip", "netns", "add", pod), "");
    namespaces.add(created);
    host.must(
        CaptureRules.inside(
            pod,
            "sh",
            "-c",
            "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null; exec nft -f -"),
        captured ? CaptureRules.initial() : CaptureRules.uncaptured());
    host.must(
        List.of("ip", "-n", fabric(), "-batch", "-"),
        """
        link add veth%1$d type veth peer name eth0 netns %2$s
        link set veth%1$d master %3$s up
        """
            .formatted(++links, pod, bridge(cluster)));
    host.must(
        List.of("ip", "-n", pod, "-batch", "-"),
        """
        link set lo up
        addr add %s/16 dev eth0
        link set eth0 up
        route add default via %s
        """
            .formatted(address, addresses.gateway(cluster)));
    return created;
  }

  private Path resolvConf(String pod, String namespace) throws IOException {
    return Files.writeString(
        Files.createDirectories(directory).resolve(pod + ".resolv.conf"),
        """
        search %s.svc.cluster.local svc.cluster.local cluster.local
        nameserver 127.0.0.1
        options ndots:5
        """
            .formatted(namespace));
  }

  /** Makes the exempt reach {@code services} from every namespace that exists now. */
  public synchronized void services(Collection<CaptureRules.ServiceAddress> services)
      throws IOException {
    String rules = CaptureRules.services(services);
    for (var namespace : namespaces) {
      host.must(CaptureRules.inside(namespace.name(), "nft", "-f", "-"), rules);
    }
  }

  /** Removes one workload's namespace, after ending what runs inside. */
  public synchronized void remove(WorkloadNamespace namespace) {
    namespaces.remove(namespace);
    try {
      remove(host, namespace.name());
      Files.deleteIfExists(namespace.resolvConf());
    } catch (IOException e) {
      LOG.warn("network namespace {} stays: {}", namespace.name(), e.getMessage());
    }
  }

  /** Stops what still runs inside and removes everything that was made. */
  @Override
  public void close() {
    removeAll(host, mesh);
  }

  /** Removes every namespace of {@code mesh}, whoever made it, after ending what runs inside. */
  public static void removeAll(HostCommands host, String mesh) {
    try {
      var listed = host.run("ip", "netns", "list");
      for (String line : listed.out().lines().toList()) {
        String name = line.strip().split("\\s", 2)[0];
        if (name.startsWith(prefix(mesh))) {
          remove(host, name);
        }
      }
    } catch (IOException e) {
      LOG.warn("namespaces of mesh {} could not be removed: {}", mesh, e.getMessage());
    }
  }

  private static void remove(HostCommands host, String name) throws IOException {
    long self = ProcessHandle.current().pid();
    for (String pid : host.run("ip", "netns", "pids", name).out().lines().toList()) {
      long process = Long.parseLong(pid.strip());
      if (process != self) {
        ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
    var deleted = host.run("ip", "netns", "delete", name);
    if (!deleted.succeeded()) {
      LOG.warn("network namespace {} stays: {}", name, deleted.err().strip());
    }
  }

  private String fabric() {
    return prefix(mesh) + "fabric";
  }

  private String bridge(String cluster) {
    return "br" + clusters.indexOf(cluster);
  }

  private static String prefix(String mesh) {
    return "selvage-" + mesh + ".";
  }
}
