package io.selvage.cli.mesh;

import io.selvage.control.source.ConfigSource;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Makes the parts that {@link LocalPlanes} joins into the planes of a mesh. */
public interface PlaneParts {

  /**
   * Starts a control plane.
   *
   * @param cluster its id
   * @param source what is declared
   * @param ca the cluster's, whose roots its proxies trust
   */
  ClusterControl control(String cluster, ConfigSource source, ClusterCa ca) throws IOException;

  /**
   * Starts a proxy before a workload.
   *
   * @param ca the cluster's, which gives it its identity
   */
  Sidecar sidecar(CarriedWorkload workload, ClusterControl control, ClusterCa ca)
      throws IOException;

  /** The addresses at which names are answered, for a workload with its own network. */
  AutoCloseable names(CarriedWorkload workload, ClusterControl control) throws IOException;

  /** Where Prometheus finds the figures of a cluster's proxies; empty while it has none. */
  Optional<String> metrics(String cluster);

  /** Ends what the parts share. */
  void close();

  /** Everything that was started, the latest first, closed. */
  static void closeAll(List<? extends AutoCloseable> started) {
    for (var part : started.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        LoggerFactory.getLogger(PlaneParts.class).warn("{} did not stop", part, e);
      }
    }
  }
}
