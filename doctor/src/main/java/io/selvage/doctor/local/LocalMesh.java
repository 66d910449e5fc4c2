package io.selvage.doctor.local;

import io.selvage.doctor.evidence.LogLine;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The mesh that runs on this machine, as its owner's commands can look at it. */
public interface LocalMesh {
  /** Its clusters. */
  List<Cluster> clusters();

  /**
   * A page of a cluster's control plane: {@code /status}, {@code /metrics}, {@code /debug/…}.
   *
   * @throws IOException when it does not answer with success
   */
  String page(String cluster, String path) throws IOException;

  /**
   * A file of the mesh's configuration.
   *
   * @param source as the control plane names it
   * @throws IOException when it cannot be read
   */
  String file(String source) throws IOException;

  /** What control planes and CA logged since then. */
  List<LogLine> logs(Instant since) throws IOException;

  /** What workloads' proxies logged since then. */
  List<LogLine> proxyLogs(String cluster, Instant since) throws IOException;

  /**
   * The certificate that a workload's proxy holds, in the form of Envoy's {@code /certs}.
   *
   * @throws IOException when it has none, or does not show it
   */
  JsonNode certificates(String cluster, Workload workload) throws IOException;

  /**
   * A cluster of the mesh.
   *
   * @param server where its control plane answers
   * @param workloads that it has
   */
  record Cluster(String name, String server, List<Workload> workloads) {
    public Cluster {
      workloads = List.copyOf(workloads);
    }
  }

  /**
   * A workload.
   *
   * @param address its own
   * @param labels what selectors see
   */
  record Workload(
      String namespace,
      String name,
      String serviceAccount,
      String address,
      Map<String, String> labels) {
    public Workload {
      labels = Map.copyOf(labels);
    }
  }
}
