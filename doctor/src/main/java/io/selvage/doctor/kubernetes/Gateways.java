package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.view.PodView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Where gateways run, and at which of their ports TLS is served. */
final class Gateways {
  private static final String ANY = "*";

  private Gateways() {}

  /**
   * A port of a gateway's Pod that serves TLS.
   *
   * @param port the Pod's own
   * @param serverName of a host that is served there
   */
  record TlsPort(ApiObject pod, int port, String serverName) {}

  /** Namespaces of gateways' Pods, where their Secrets are. */
  static Set<String> namespaces(Objects objects) {
    return objects.all(Kind.POD).stream()
        .filter(pod -> new PodView(pod).isGateway())
        .map(ApiObject::namespace)
        .collect(Collectors.toSet());
  }

  /** Every TLS port of every gateway that runs, by what Gateway resources say. */
  static List<TlsPort> tlsPorts(Objects objects) {
    Set<TlsPort> all = new LinkedHashSet<>();
    for (ApiObject gateway : objects.all(Kind.GATEWAY)) {
      Map<String, String> selector = Selecting.labels(gateway.at("/spec/selector"));
      if (selector.isEmpty()) {
        continue;
      }
      for (ApiObject pod : objects.all(Kind.POD)) {
        if (Selecting.isRunning(pod) && Selecting.matches(selector, pod.labels())) {
          gateway.at("/spec/servers").forEach(server -> all.addAll(ports(objects, pod, server)));
        }
      }
    }
    return List.copyOf(all);
  }

  private static List<TlsPort> ports(Objects objects, ApiObject pod, JsonNode server) {
    String mode = server.at("/tls/mode").asString("");
    if (mode.isEmpty() || mode.equals("PASSTHROUGH") || mode.equals("AUTO_PASSTHROUGH")) {
      return List.of(); // who is behind it answers, not the gateway
    }
    List<TlsPort> found = new ArrayList<>();
    int wanted = server.at("/port/number").asInt(0);
    String host = server.path("hosts").path(0).asString(ANY);
    String name = host.substring(host.indexOf('/') + 1);
    String serverName = name.replaceFirst("^\\*", "doctor");
    for (ApiObject service : objects.all(Kind.SERVICE)) {
      Map<String, String> selector = Selecting.labels(service.at("/spec/selector"));
      if (service.namespace().equals(pod.namespace())
          && !selector.isEmpty()
          && Selecting.matches(selector, pod.labels())) {
        for (JsonNode port : service.at("/spec/ports")) {
          if (port.path("port").asInt(0) == wanted) {
            found.add(new TlsPort(pod, port.path("targetPort").asInt(wanted), serverName));
          }
        }
      }
    }
    return found.isEmpty() ? List.of(new TlsPort(pod, wanted, serverName)) : found;
  }
}
