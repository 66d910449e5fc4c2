package io.selvage.control.kubernetes.inject;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Pods as people write them, and as nobody would. */
final class RandomPods {
  private static final List<String> NAMES =
      List.of("app", "web", "helper", "istio-proxy", "istio-init", "istio-validation");
  private static final List<String> ANNOTATIONS =
      List.of(
          "sidecar.istio.io/inject=true",
          "sidecar.istio.io/inject=false",
          "sidecar.istio.io/nativeSidecar=false",
          "sidecar.istio.io/nativeSidecar=true",
          "sidecar.istio.io/rewriteAppHTTPProbers=false",
          "sidecar.istio.io/interceptionMode=TPROXY",
          "traffic.sidecar.istio.io/excludeInboundPorts=9090",
          "proxy.istio.io/config=holdApplicationUntilProxyStarts: true",
          "prometheus.io/port=8080",
          "prometheus.io/scrape=false",
          "prometheus_io_path=/figures",
          "example.com/a/b~c=~1 \"quoted\" \u00e9",
          "sidecar.istio.io/status={}");

  private RandomPods() {}

  static Arbitrary<ObjectNode> pods() {
    return Combinators.combine(
            containers(1),
            containers(0),
            volumes(),
            texts(ANNOTATIONS),
            Arbitraries.of(true, false))
        .as(RandomPods::pod);
  }

  private static ObjectNode pod(
      ArrayNode containers,
      ArrayNode initContainers,
      ArrayNode volumes,
      ObjectNode annotations,
      boolean named) {
    ObjectNode pod = PodJson.object().put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata = pod.putObject("metadata");
    if (named) {
      metadata.put("name", "web").put("namespace", "sample");
      metadata.putObject("labels").put("app", "web");
    } else {
      metadata.put("generateName", "web-");
      metadata.putNull("labels");
    }
    if (!annotations.isEmpty()) {
      metadata.set("annotations", annotations);
    }
    ObjectNode spec = pod.putObject("spec");
    spec.set("containers", containers);
    if (!initContainers.isEmpty()) {
      spec.set("initContainers", initContainers);
    }
    if (!volumes.isEmpty()) {
      spec.set("volumes", volumes);
    }
    spec.put("serviceAccountName", "web").putObject("somethingNew").put("kept", true);
    return pod;
  }

  private static Arbitrary<ArrayNode> containers(int least) {
    return container()
        .list()
        .ofMinSize(least)
        .ofMaxSize(4)
        .uniqueElements(PodJson::name)
        .map(list -> PodJson.array().addAll(list));
  }

  private static Arbitrary<ObjectNode> container() {
    return Combinators.combine(
            Arbitraries.of(NAMES), probe(), probe(), Arbitraries.of("auto", "app"))
        .as(
            (name, ready, alive, image) -> {
              ObjectNode container = PodJson.object().put("name", name).put("image", image);
              container.putArray("ports").addObject().put("name", "web").put("containerPort", 8080);
              if (!ready.isEmpty()) {
                container.set("readinessProbe", ready);
              }
              if (!alive.isEmpty()) {
                container.set("livenessProbe", alive);
              }
              return container;
            });
  }

  private static Arbitrary<ObjectNode> probe() {
    return Arbitraries.of(
            "{}",
            "{httpGet: {path: /, port: web}}",
            "{httpGet: {path: /, port: absent, scheme: HTTPS}}",
            "{httpGet: {path: x, port: 8080, host: elsewhere}}",
            "{tcpSocket: {port: 8080}, timeoutSeconds: 4}",
            "{grpc: {port: 9000}}",
            "{exec: {command: [\"true\"]}}",
            "{httpGet: {path: /app-health/app/readyz, port: 15020}}")
        .map(Pods::of);
  }

  private static Arbitrary<ArrayNode> volumes() {
    return Arbitraries.of("data", "logs", "istio-token", "istio-tmp")
        .list()
        .ofMaxSize(2)
        .uniqueElements()
        .map(
            names -> {
              ArrayNode all = PodJson.array();
              names.forEach(name -> all.addObject().put("name", name).putObject("emptyDir"));
              return all;
            });
  }

  private static Arbitrary<ObjectNode> texts(List<String> namesAndValues) {
    return Arbitraries.of(namesAndValues)
        .list()
        .ofMaxSize(4)
        .map(
            some -> {
              ObjectNode all = PodJson.object();
              some.forEach(one -> all.put(one.split("=", 2)[0], one.split("=", 2)[1]));
              return all;
            });
  }
}
