package io.selvage.it.cluster;

import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real Istio as its users have it, in a whole cluster: the default profile as {@code istioctl}
 * renders it, its control plane, gateway and sidecars as Pods. Only what Istio's own build of Envoy
 * has and upstream's has not is switched off.
 */
public final class IstioInstalled {
  private static final Path IMAGES =
      Path.of("..", "it", "peers", "istio", "image").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Set<String> RIGHTS =
      Set.of("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding");
  private static final List<String> SETTINGS =
      List.of(
          "profile=default",
          "hub=localhost/istio",
          "tag=it",
          "values.global.imagePullPolicy=Never",
          "values.pilot.env.PILOT_ENABLE_METADATA_EXCHANGE=false",
          "values.pilot.env.PILOT_ENABLE_ALPN_FILTER=false",
          "values.telemetry.enabled=false",
          "values.pilot.autoscaleEnabled=false",
          "values.gateways.istio-ingressgateway.autoscaleEnabled=false",
          "values.pilot.resources.requests.cpu=10m",
          "values.pilot.resources.requests.memory=64Mi",
          "values.global.proxy.resources.requests.cpu=10m");

  private IstioInstalled() {}

  /** Loads its images and ours, installs it and waits until its Pods are ready. */
  public static void into(KubernetesCluster cluster) throws IOException {
    load(cluster);
    Path file = cluster.folder().resolve("istio.yaml");
    Files.writeString(file, manifest());
    Kubectl kubectl = cluster.kubectl();
    kubectl.apply(Application.namespace("istio-system", "{}"));
    kubectl.run("apply", "--server-side", "-f", file.toString()).well();
    kubectl.awaitRollout("istio-system", "istiod");
    kubectl.awaitRollout("istio-system", "istio-ingressgateway");
  }

  /** Gives a cluster the images of Istio, and ours. */
  static void load(KubernetesCluster cluster) {
    String archives =
        Tool.run(
                LIMIT,
                Map.of(),
                new byte[0],
                List.of(IMAGES.toString(), SelvageImage.archive().toString()))
            .well()
            .out();
    archives.strip().lines().map(Path::of).forEach(cluster::load);
    cluster.load(SelvageImage.archive());
  }

  /** The roles and bindings of its manifest, JSON; rendered at most once. */
  public static String rights() {
    return Rights.OF_ITS_MANIFEST;
  }

  private static final class Rights {
    static final String OF_ITS_MANIFEST = rights(manifest());
  }

  /** Of the objects of a manifest the roles and bindings, JSON. */
  static String rights(String manifest) {
    return JsonMapper.shared()
        .writeValueAsString(
            Map.of(
                "apiVersion",
                "v1",
                "kind",
                "List",
                "items",
                Manifest.read(manifest).stream()
                    .filter(object -> RIGHTS.contains(object.path("kind").asString()))
                    .toList()));
  }

  /** All objects of the installation, YAML. */
  public static String manifest() {
    return manifest(new String[0]);
  }

  /** The same with further options of {@code istioctl manifest generate}. */
  static String manifest(String... more) {
    List<String> line =
        new ArrayList<>(List.of(Tool.peer("istioctl").toString(), "manifest", "generate"));
    line.addAll(List.of(more));
    SETTINGS.forEach(
        setting -> {
          line.add("--set");
          line.add(setting);
        });
    return Tool.run(Map.of(), line).well().out();
  }
}
