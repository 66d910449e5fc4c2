package io.selvage.doctor.local;

import io.selvage.doctor.evidence.LogLine;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

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
   * A page of a workload's proxy, as Envoy's admin endpoint has it: {@code /config_dump}, {@code
   * /certs}, {@code /stats/prometheus}.
   *
   * @throws IOException when the proxy does not show it
   */
  String proxyPage(String cluster, Workload workload, String path) throws IOException;

  /** The figures of a cluster's proxies that run in the mesh's own process, as Prometheus' text. */
  String figures(String cluster) throws IOException;

  /**
   * What holds beside the files, in Kubernetes' words: the Services that workloads imply, the CA's
   * certificates, and the roots that are trusted.
   */
  List<ObjectNode> implied(String cluster) throws IOException;

  /**
   * Runs a command as a workload, to its end.
   *
   * @throws IOException when it cannot be started
   */
  Ran run(String cluster, Named workload, Container container, List<String> line)
      throws IOException, InterruptedException;

  /**
   * Has the mesh carry two workloads of the doctor's own for a while, {@code caller} and {@code
   * echo}, in a namespace of their own.
   *
   * @param id of this run, lower-case letters and digits
   * @throws IOException when they do not start; nothing stays then
   */
  Guests guests(String cluster, String id) throws IOException;

  /** Whose network and identity a command has. */
  enum Container {
    /** The workload's: what it sends goes through its proxy. */
    APPLICATION,
    /** The proxy's own: what it sends goes through none. */
    PROXY
  }

  /** A workload's name and namespace. */
  record Named(String namespace, String name) {}

  /** How a command ended, and what it wrote. */
  record Ran(int exit, String out, String err) {}

  /** The doctor's own workloads; closing lets them go. */
  interface Guests extends AutoCloseable {
    /** Their namespace. */
    String namespace();

    /** The address of one of them. */
    String address(String name);

    /** Applies a resource of the mesh in their namespace: {@code spec} is JSON. */
    void apply(String apiVersion, String kind, String name, String spec) throws IOException;

    /** Deletes one that was applied. */
    void delete(String apiVersion, String kind, String name) throws IOException;

    @Override
    void close();
  }

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
