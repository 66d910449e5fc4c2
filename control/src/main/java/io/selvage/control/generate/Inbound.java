package io.selvage.control.generate;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import java.util.List;

/**
 * The inbound side of a proxy.
 *
 * @param listeners {@code virtualInbound}, or one a port without capture
 * @param clusters the program behind them
 * @param extensions filters that the listeners name and do not hold
 */
public record Inbound(
    List<Listener> listeners, List<Cluster> clusters, List<ExtensionConfig> extensions) {

  /** A proxy that stands before no program. */
  public static final Inbound NONE = new Inbound(List.of(), List.of(), List.of());

  /** Generates it, with clusters that it may have had under other policies. */
  static Inbound of(InboundInput input, List<Cluster> clusters) {
    return new Inbound(InboundListeners.of(input), clusters, List.of());
  }

  /** The same with filters that its listeners name. */
  Inbound with(List<ExtensionConfig> filters) {
    return new Inbound(listeners, clusters, filters);
  }
}
