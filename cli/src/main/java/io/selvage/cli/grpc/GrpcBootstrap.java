package io.selvage.cli.grpc;

import io.selvage.xds.grpc.GrpcResource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a gRPC library reads from {@code GRPC_XDS_BOOTSTRAP} (gRFC A27, A29, A36): its control plane
 * is the agent's socket, its certificates are the agent's files.
 *
 * @param nodeId {@code sidecar~ADDRESS~NAME.NAMESPACE~DOMAIN}
 * @param nodeCluster {@code NAME.NAMESPACE}
 * @param metadata of the node; that gRPC asks is added
 * @param directory the agent's
 * @param refresh how often the library looks whether the files are new
 */
public record GrpcBootstrap(
    String nodeId,
    String nodeCluster,
    Map<String, String> metadata,
    Path directory,
    Duration refresh) {

  /** Under which name the agent leaves the bootstrap in its directory. */
  static final String FILE = "bootstrap.json";

  /** The agent's socket in its directory. */
  private static final String SOCKET = "xds.sock";

  /** Of a workload that is no proxy's: Istio's form of a node id all the same. */
  public static GrpcBootstrap of(
      String namespace,
      String name,
      String address,
      Map<String, String> metadata,
      Path directory,
      Duration refresh) {
    return new GrpcBootstrap(
        "sidecar~%s~%s.%s~%s.svc.cluster.local".formatted(address, name, namespace, namespace),
        name + "." + namespace,
        Map.copyOf(metadata),
        directory.toAbsolutePath().normalize(),
        refresh);
  }

  /** Where the library finds its agent. */
  public Path socket() {
    return directory.resolve(SOCKET);
  }

  /** Its metadata, as the control plane is told it. */
  Map<String, String> allMetadata() {
    Map<String, String> all = new TreeMap<>(metadata);
    all.put("GENERATOR", "grpc");
    return all;
  }

  /** The file's content. */
  public String json() {
    JsonMapper mapper = JsonMapper.shared();
    ObjectNode root = mapper.createObjectNode();
    ObjectNode server = root.putArray("xds_servers").addObject();
    server.put("server_uri", "unix://" + socket());
    server.putArray("channel_creds").addObject().put("type", "insecure");
    server.putArray("server_features").add("xds_v3");
    ObjectNode node = root.putObject("node").put("id", nodeId).put("cluster", nodeCluster);
    ObjectNode told = node.putObject("metadata");
    allMetadata().forEach(told::put);
    root.putObject("certificate_providers")
        .putObject(GrpcResource.CERTIFICATE_PROVIDER)
        .put("plugin_name", "file_watcher")
        .putObject("config")
        .put("certificate_file", directory.resolve(CertificateFiles.CHAIN).toString())
        .put("private_key_file", directory.resolve(CertificateFiles.KEY).toString())
        .put("ca_certificate_file", directory.resolve(CertificateFiles.ROOTS).toString())
        .put("refresh_interval", refresh.toSeconds() + "s");
    root.put("server_listener_resource_name_template", GrpcResource.SERVER_LISTENER_PREFIX + "%s");
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }
}
