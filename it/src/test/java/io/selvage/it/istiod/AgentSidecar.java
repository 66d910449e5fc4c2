package io.selvage.it.istiod;

import io.selvage.cli.netns.CaptureRules;
import io.selvage.cli.netns.EntryCommand;
import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.WorkloadNamespace;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.proxy.netns.NetworkNamespace;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A sidecar as Istio starts it, {@code pilot-agent proxy sidecar} and its Envoy, both unchanged, in
 * a network namespace with capture. Certificates, bootstrap and xDS are the agent's business.
 */
public final class AgentSidecar implements AutoCloseable {
  private static final int ADMIN = 15000;
  private static final int DISCOVERY = 15012;

  private final Opened opened = new Opened();
  private final HttpClient http = HttpClient.newHttpClient();
  private final PeerProcess agent;
  private final int admin;

  /**
   * The control plane that it joins.
   *
   * @param port of CA and ADS on our loopback
   * @param serverName in its certificate
   * @param roots PEM
   * @param cluster id
   * @param kube where the workload's token is had
   */
  public record Plane(
      int port,
      String serverName,
      String roots,
      String cluster,
      String trustDomain,
      KubeClient kube) {
    private static Plane of(Istiod istiod) {
      return new Plane(
          istiod.port(),
          Istiod.SERVER_NAME,
          istiod.roots(),
          Istiod.CLUSTER,
          Istiod.TRUST_DOMAIN,
          istiod.kube().client());
    }
  }

  private AgentSidecar(Plane plane, Workload workload, WorkloadNamespace place, Path folder)
      throws Exception {
    try {
      NetworkNamespace namespace = opened.add(NetworkNamespace.open(place.path()));
      opened.add(Relay.outOf(namespace, DISCOVERY, plane.port()));
      this.admin = opened.add(Relay.into(namespace, ADMIN)).port();
      files(plane, workload, folder);
      this.agent =
          opened.add(
              PeerProcess.start(
                  "pilot-agent",
                  folder,
                  environment(plane, workload, folder),
                  EntryCommand.of(
                      place,
                      Container.PROXY,
                      OptionalLong.empty(),
                      List.of(
                          folder.resolve("pilot-agent").toString(),
                          "proxy",
                          "sidecar",
                          "--domain",
                          workload.namespace() + ".svc.cluster.local",
                          "--concurrency",
                          "1"))));
      agent.until("Envoy is ready", () -> admin("/ready"), "LIVE\n"::equals);
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /**
   * Starts it and waits until Envoy is ready.
   *
   * @param workload that istiod knows
   * @param place its namespace, whose traffic is captured
   * @param folder an empty one for it alone; everybody may have to pass through those above
   */
  public static AgentSidecar start(
      Istiod istiod, Workload workload, WorkloadNamespace place, Path folder) throws Exception {
    return start(Plane.of(istiod), workload, place, folder);
  }

  /** The same under any control plane that has Istio's services. */
  public static AgentSidecar start(
      Plane plane, Workload workload, WorkloadNamespace place, Path folder) throws Exception {
    return new AgentSidecar(plane, workload, place, Files.createDirectories(folder));
  }

  /** What an injected container has, below the folder in which the agent runs. */
  private static void files(Plane plane, Workload workload, Path folder) throws Exception {
    write(
        folder.resolve("var/run/secrets/tokens/istio-token"),
        plane.kube().istioToken(workload.namespace(), workload.account(), workload.name()));
    write(folder.resolve("var/run/secrets/istio/root-cert.pem"), plane.roots());
    write(
        folder.resolve("var/lib/istio/envoy/envoy_bootstrap_tmpl.json"),
        Files.readString(Tool.data("envoy_bootstrap_tmpl.json")));
    var labels = new StringBuilder();
    workload.labels().forEach((name, value) -> labels.append("%s=\"%s\"\n".formatted(name, value)));
    write(folder.resolve("etc/istio/pod/labels"), labels.toString());
    Files.createDirectories(folder.resolve("etc/istio/proxy"));
    Files.copy(Tool.peer("envoy"), folder.resolve("envoy"));
    Files.copy(Tool.peer("pilot-agent"), folder.resolve("pilot-agent"));
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.toList()) {
        Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setAttribute(each, "unix:uid", CaptureRules.PROXY_UID);
      }
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static Map<String, String> environment(Plane plane, Workload workload, Path folder) {
    var all = new HashMap<String, String>();
    all.put("INSTANCE_IP", workload.address());
    all.put("POD_NAME", workload.name());
    all.put("POD_NAMESPACE", workload.namespace());
    all.put("SERVICE_ACCOUNT", workload.account());
    all.put("TRUST_DOMAIN", plane.trustDomain());
    all.put("ISTIOD_SAN", plane.serverName());
    all.put("ISTIO_META_CLUSTER_ID", plane.cluster());
    all.put("ISTIO_META_MESH_ID", plane.trustDomain());
    all.put("ISTIO_META_INTERCEPTION_MODE", "REDIRECT");
    all.put("ISTIO_META_WORKLOAD_NAME", workload.name());
    all.put("ECC_SIGNATURE_ALGORITHM", "ECDSA");
    all.put(
        "PROXY_CONFIG",
        "{discoveryAddress: '127.0.0.1:%d', binaryPath: '%s', terminationDrainDuration: 0s}"
            .formatted(DISCOVERY, folder.resolve("envoy")));
    return all;
  }

  /** What Envoy's admin endpoint answers. */
  public String admin(String path) throws InterruptedException {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path)).build(),
              BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return ""; // nobody listens yet
    }
  }

  /** Waits until it has the listener of that name, which {@link Istiod#mark} gave. */
  public void await(String listener) throws Exception {
    agent.until(
        "Envoy has the listener " + listener,
        () -> admin("/listeners"),
        listeners -> listeners.contains(listener + "::"));
  }

  /** What agent and Envoy wrote. */
  public String log() throws IOException {
    return agent.log();
  }

  @Override
  public void close() {
    http.shutdownNow();
    opened.close();
  }
}
