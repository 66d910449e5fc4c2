package io.selvage.proxy.http;

import io.selvage.proxy.upstream.Clusters;
import io.selvage.xds.resource.RouteConfiguration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The route configurations of one workload by name, as they are now. */
public final class RouteTables {
  /** The place of one name; empty until such a configuration is there. */
  static final class Slot {
    private volatile @Nullable RouteTable table;
    private volatile @Nullable RouteConfiguration config;

    /** The routes, or null. */
    @Nullable RouteTable table() {
      return table;
    }
  }

  private final Clusters clusters;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();

  public RouteTables(Clusters clusters) {
    this.clusters = clusters;
  }

  /** The place of this name. */
  Slot slot(String name) {
    return slots.computeIfAbsent(name, n -> new Slot());
  }

  /** Routes that a listener holds itself. */
  Slot inline(RouteConfiguration config) {
    Slot slot = new Slot();
    slot.table = new RouteTable(config, clusters);
    return slot;
  }

  /** Puts a whole configuration in place. */
  public void update(Map<String, RouteConfiguration> configs) {
    slots.forEach(
        (name, slot) -> {
          if (!configs.containsKey(name)) {
            slot.table = null;
            slot.config = null;
          }
        });
    configs.forEach(
        (name, config) -> {
          Slot slot = slot(name);
          if (!config.equals(slot.config)) {
            slot.table = new RouteTable(config, clusters);
            slot.config = config;
          }
        });
  }
}
