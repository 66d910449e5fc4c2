package io.selvage.it.protocol;

import io.selvage.it.stage.Place;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A mesh of one client, two {@link Backend}s behind the service {@code backend}, and {@code
 * outside}, whose program listens on the machine's own loopback, in this process. It is permissive,
 * so that peers without a certificate can speak to the inbound side alone.
 */
final class BackendMesh implements AutoCloseable {
  static final Place CLIENT = Place.app("local", "client", "client");
  static final Place ONE = Place.app("local", "backend", "one");
  static final String HTTP = "http://backend.backend:8080";

  private static final String MESH =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: |
          trustDomain: it.mesh
          accessLogFile: /dev/stdout
      """;

  private final RunningMesh mesh;

  private final ServerSocket outside;

  private BackendMesh(RunningMesh mesh, ServerSocket outside) {
    this.mesh = mesh;
    this.outside = outside;
  }

  static BackendMesh up(Path home) throws Exception {
    Path folder = Files.createDirectories(home.resolve("folder"));
    ServerSocket outside = Backend.serve(0, new HttpBackend("outside")::serve);
    Files.writeString(folder.resolve("workloads.yaml"), workloads(outside.getLocalPort()));
    Files.writeString(folder.resolve("mesh.yaml"), MESH);
    var mesh = new BackendMesh(RunningMesh.up(home, folder), outside);
    try {
      for (String service : List.of("one", "two", "outside")) {
        mesh.mesh.untilStatus(CLIENT, "200", "http://" + service + ".backend:8080/");
      }
      return mesh;
    } catch (Exception | AssertionError e) {
      mesh.close();
      throw e;
    }
  }

  private static String workloads(int outside) {
    return """
    workloads:
    - {name: client, namespace: client, serviceAccount: client, command: [sleep, infinity]}
    - name: outside
      namespace: backend
      listening: 127.0.0.1:%d
      ports: [{name: http, port: 8080}]
      service: outside
    """
            .formatted(outside)
        + Stream.of("one", "two").map(BackendMesh::backend).collect(Collectors.joining());
  }

  private static String backend(String name) {
    return """
    - name: %1$s
      namespace: backend
      serviceAccount: backend
      command: [%2$s]
      ports:
      - {name: http, port: 8080}
      - {name: grpc, port: 9090}
      - {name: tcp, port: 7000}
      services: [%1$s, backend]
      labels: {app: backend, which: %1$s}
    """
        .formatted(
            name,
            Tool.java(List.of("-Xmx96m"), Backend.class, name).stream()
                .map(word -> "\"" + word + "\"")
                .collect(Collectors.joining(", ")));
  }

  RunningMesh running() {
    return mesh;
  }

  /** curl at the client, its words after {@code curl -sS}. */
  Tool.Ran curl(String... arguments) {
    var line = new ArrayList<>(List.of("curl", "-sS", "-m", "30"));
    line.addAll(List.of(arguments));
    return mesh.exec(CLIENT, line.toArray(String[]::new));
  }

  /** A connection from the client's network, which its proxy takes. */
  SocketChannel connect(String host, int port) throws Exception {
    var address = new InetSocketAddress(mesh.resolve(CLIENT, host), port);
    SocketChannel channel = mesh.inside(CLIENT, SocketChannel::open);
    channel.connect(address);
    channel.socket().setSoTimeout(20_000);
    return channel;
  }

  /** Applies YAML and waits until {@code url} has this status. */
  void apply(String file, String yaml, String status, String url) throws Exception {
    mesh.edit(file, yaml);
    mesh.untilStatus(CLIENT, status, url);
  }

  @Override
  public void close() throws IOException {
    mesh.close();
    outside.close();
  }
}
