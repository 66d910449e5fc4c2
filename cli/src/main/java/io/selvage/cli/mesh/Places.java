package io.selvage.cli.mesh;

import io.selvage.cli.netns.AddressPlan;
import io.selvage.cli.netns.CaptureRules.ServiceAddress;
import io.selvage.cli.netns.HostCommands;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.cli.workloads.WorkloadSpec;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Where the workloads of a mesh live: in network namespaces of their own, or on loopback. */
sealed interface Places extends AutoCloseable {

  /** Gives a workload its place. */
  CarriedWorkload give(WorkloadSpec spec) throws IOException;

  /** Takes a workload's place away, and ends what still runs there. */
  void take(CarriedWorkload carried);

  /** Makes those whose traffic is not captured reach {@code services}. */
  void services(Collection<ServiceAddress> services) throws IOException;

  @Override
  void close();

  /** The places that {@code isolation} allows; nothing stays behind when that fails. */
  static Places open(MeshPlan plan, Isolation isolation, HostCommands host, Path folder)
      throws IOException {
    List<String> clusters = plan.clusters().stream().map(MeshPlan.Cluster::name).toList();
    return switch (isolation.mode()) {
      case ROOT_NAMESPACES ->
          new Namespaces(MeshNetwork.create(host, plan.name(), clusters, folder), false);
      case USER_NAMESPACES ->
          new Namespaces(MeshNetwork.create(host, plan.name(), clusters, folder), true);
      case HTTP_PROXY -> new Loopback(freeAddresses(clusters));
    };
  }

  /** Those of the first slot in which no proxy listens, of whomever. */
  private static AddressPlan freeAddresses(List<String> clusters) throws IOException {
    for (int slot = 0; slot < AddressPlan.SLOTS; slot++) {
      var plan = AddressPlan.onLoopback(clusters, slot);
      var proxy =
          new InetSocketAddress(
              InetAddress.ofLiteral(plan.firstPod()), CarriedWorkload.HTTP_PROXY_PORT);
      try (var probe = new ServerSocket()) {
        probe.setReuseAddress(true);
        probe.bind(proxy);
        return plan;
      } catch (BindException e) {
        // another mesh is there
      }
    }
    throw new IOException(
        "%d meshes run on this machine: no more fit".formatted(AddressPlan.SLOTS));
  }

  private static Optional<String> listening(WorkloadSpec spec) {
    return spec.runs() instanceof WorkloadSpec.Listening listening
        ? Optional.of(listening.at().getAddress().getHostAddress())
        : Optional.empty();
  }

  /**
   * Network namespaces with capture.
   *
   * @param oneUser whether the proxy's container needs a namespace of its own, since there is no
   *     second user to be
   */
  record Namespaces(MeshNetwork network, boolean oneUser) implements Places {
    @Override
    public CarriedWorkload give(WorkloadSpec spec) throws IOException {
      WorkloadNamespace made = network.add(spec.cluster(), spec.namespace(), spec.name(), true);
      Optional<WorkloadNamespace> proxy =
          oneUser
              ? Optional.of(
                  network.add(
                      spec.cluster(), spec.namespace(), spec.name() + ".istio-proxy", false))
              : Optional.empty();
      return new CarriedWorkload(
          spec, made.address(), Optional.of(made), proxy, listening(spec).orElse("127.0.0.1"));
    }

    @Override
    public void take(CarriedWorkload carried) {
      carried.proxyPlace().ifPresent(network::remove);
      carried.place().ifPresent(network::remove);
    }

    @Override
    public void services(Collection<ServiceAddress> services) throws IOException {
      network.services(services);
    }

    @Override
    public void close() {
      network.close();
    }
  }

  /** Loopback addresses, one for the workload and one for its application. */
  record Loopback(AddressPlan addresses) implements Places {
    @Override
    public CarriedWorkload give(WorkloadSpec spec) {
      String address = addresses.nextPod(spec.cluster());
      return new CarriedWorkload(
          spec,
          address,
          Optional.empty(),
          Optional.empty(),
          listening(spec).orElse(AddressPlan.application(address)));
    }

    @Override
    public void take(CarriedWorkload carried) {
      // an address needs no removing
    }

    @Override
    public void services(Collection<ServiceAddress> services) {
      // there are no rules: http_proxy is the only way to a service's name
    }

    @Override
    public void close() {
      // nothing was made
    }
  }
}
