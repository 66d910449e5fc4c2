package io.selvage.control.generate;

import io.selvage.xds.encode.EncodedParts;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.ResourceSet;
import java.util.List;

/**
 * The inbound side of a proxy.
 *
 * @param listeners {@code virtualInbound}, or one a port without capture
 * @param clusters the program behind them
 * @param policies filters that the listeners name and do not hold; for all whose policies were
 *     translated in one round the same objects where they are the same
 * @param marks filters without rules that the listeners name, by which it is known that {@code
 *     policies} are for these listeners
 */
public record Inbound(
    List<Listener> listeners,
    List<Cluster> clusters,
    List<ExtensionConfig> policies,
    List<ExtensionConfig> marks) {

  /** A proxy that stands before no program. */
  public static final Inbound NONE = new Inbound(List.of(), List.of(), List.of(), List.of());

  /** Generates it, with clusters that it may have had under other policies. */
  static Inbound of(InboundInput input, List<Cluster> clusters) {
    if (!input.policies().named()) {
      return new Inbound(InboundListeners.of(input, ""), clusters, List.of(), List.of());
    }
    String mark = version(InboundListeners.of(input, ""));
    return new Inbound(
        InboundListeners.of(input, mark), clusters, List.of(), DiscoveredPolicies.marks(mark));
  }

  /** The same for every control plane that has these listeners. */
  private static String version(List<Listener> listeners) {
    EncodedParts parts = new EncodedParts();
    return ResourceSet.of(
            listeners.stream().map(listener -> EncodedResource.of(listener, parts)).toList())
        .version();
  }

  /** The same with the policies that its listeners name. */
  Inbound with(List<ExtensionConfig> named) {
    return new Inbound(listeners, clusters, named, marks);
  }
}
