package io.selvage.proxy;

import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.proxy.telemetry.Workload;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * One workload, as its proxy must know it.
 *
 * @param name {@code namespace/name}, for logs
 * @param workload as its metrics name it
 * @param namespace where its sockets are; empty: with the proxy's own
 * @param capture connections come by redirection, so the proxy's own are marked to pass
 * @param bindings where listeners are bound instead of where they say; a listener that is not named
 *     is bound as configured
 * @param console what {@code /dev/stdout} and {@code /dev/stderr} are for its access log, as if the
 *     proxy had a container of its own; empty: the process's own
 */
public record WorkloadSpec(
    String name,
    Workload workload,
    Optional<NetworkNamespace> namespace,
    boolean capture,
    List<Binding> bindings,
    Optional<OutputStream> console) {
  /**
   * A place for a listener where nothing is captured.
   *
   * @param listener its name
   * @param address to bind; port 0 takes a free one
   * @param destination what connections that arrive there are held to have dialled; empty: the
   *     original destination if the kernel knows one, else the bound address
   */
  public record Binding(
      String listener, InetSocketAddress address, Optional<InetSocketAddress> destination) {}

  /** A workload without namespace and capture. */
  public static WorkloadSpec local(String name, Workload workload, List<Binding> bindings) {
    return new WorkloadSpec(name, workload, Optional.empty(), false, bindings, Optional.empty());
  }
}
