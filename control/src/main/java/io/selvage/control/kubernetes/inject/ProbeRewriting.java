package io.selvage.control.kubernetes.inject;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kubelet's probes and hooks of the application, sent to the sidecar's status port instead: kubelet
 * has no certificate, so where mTLS is required the application's own port refuses it. The sidecar
 * is told by {@value #VARIABLE} what to ask the application, as Istio's agent is.
 */
final class ProbeRewriting {
  static final String VARIABLE = "ISTIO_KUBE_APP_PROBERS";

  private static final List<Place> PLACES =
      List.of(
          new Place("readinessProbe", "", "/app-health/%s/readyz"),
          new Place("livenessProbe", "", "/app-health/%s/livez"),
          new Place("startupProbe", "", "/app-health/%s/startupz"),
          new Place("lifecycle", "preStop", "/app-lifecycle/%s/prestopz"),
          new Place("lifecycle", "postStart", "/app-lifecycle/%s/poststartz"));

  private final int statusPort;
  private final List<String> warnings;
  private final ObjectNode probers = PodJson.object();

  /** Where a container has one. */
  private record Place(String field, String below, String path) {
    Optional<ObjectNode> in(ObjectNode container) {
      JsonNode at = container.path(field);
      return (below.isEmpty() ? at : at.path(below)) instanceof ObjectNode there
          ? Optional.of(there)
          : Optional.empty();
    }

    String name() {
      return below.isEmpty() ? field : field + "." + below;
    }
  }

  private ProbeRewriting(int statusPort, List<String> warnings) {
    this.statusPort = statusPort;
    this.warnings = warnings;
  }

  /**
   * Rewrites them in place.
   *
   * @param warnings takes what is left as it is
   * @return what the sidecar asks, by path; empty when nothing was rewritten
   */
  static ObjectNode of(ObjectNode pod, int statusPort, List<String> warnings) {
    ProbeRewriting rewriting = new ProbeRewriting(statusPort, warnings);
    Stream.of(PodJson.INIT_CONTAINERS, PodJson.CONTAINERS)
        .flatMap(which -> PodJson.containers(pod, which))
        .filter(ObjectNode.class::isInstance)
        .map(ObjectNode.class::cast)
        .filter(container -> !PodJson.name(container).equals(PodJson.PROXY))
        .forEach(rewriting::rewrite);
    return rewriting.probers;
  }

  private void rewrite(ObjectNode container) {
    for (Place place : PLACES) {
      place.in(container).ifPresent(probe -> rewrite(container, place, probe));
    }
  }

  private void rewrite(ObjectNode container, Place place, ObjectNode probe) {
    String name = PodJson.name(container);
    for (String kind : List.of("httpGet", "tcpSocket", "grpc")) {
      if (!(probe.get(kind) instanceof ObjectNode action)) {
        continue;
      }
      Optional<String> host = PodJson.text(action.path("host")).filter(text -> !text.isEmpty());
      Optional<Integer> port = port(container, action.path("port"));
      if (host.isPresent()) {
        warn(name, place, "it asks host " + host.get() + " and stays with kubelet");
      } else if (port.isEmpty()) {
        warn(name, place, "the container has no such port, so it stays as it is");
      } else if (port.get() != statusPort) {
        redirect(probe, kind, action, port.get(), place.path().formatted(name));
      }
      return;
    }
  }

  private void redirect(ObjectNode probe, String kind, ObjectNode action, int port, String path) {
    ObjectNode asked = probers.putObject(path);
    asked.set(kind, action.deepCopy().put("port", port));
    if (probe.path("timeoutSeconds").isInt()) {
      asked.put("timeoutSeconds", probe.path("timeoutSeconds").intValue());
    }
    ObjectNode instead = PodJson.object();
    instead.put("path", path).put("port", statusPort);
    if (action.has("httpHeaders")) {
      instead.set("httpHeaders", action.get("httpHeaders"));
    }
    instead.put("scheme", "HTTP");
    probe.remove(kind);
    probe.set("httpGet", instead);
  }

  private static Optional<Integer> port(JsonNode container, JsonNode port) {
    if (port.isInt()) {
      return Optional.of(port.intValue());
    }
    String name = PodJson.text(port).orElse("");
    return container.path("ports").values().stream()
        .filter(declared -> declared.path("name").asString("").equals(name))
        .map(declared -> declared.path("containerPort"))
        .filter(JsonNode::isInt)
        .map(JsonNode::intValue)
        .findFirst();
  }

  private void warn(String container, Place place, String why) {
    warnings.add("container %s, %s: %s".formatted(container, place.name(), why));
  }
}
