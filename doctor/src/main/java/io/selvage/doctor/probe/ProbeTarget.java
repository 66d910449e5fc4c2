package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.view.PodView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A port of a workload in the mesh, asked through a Service.
 *
 * @param namespace of the workload
 * @param workload its name: of the Deployment where there is one, else of the Pod
 * @param pod one of its Pods
 * @param address of that Pod
 * @param service the Service's name
 * @param servicePort where the Service listens
 * @param port the Pod's own
 */
public record ProbeTarget(
    String namespace,
    String workload,
    String pod,
    String address,
    String service,
    int servicePort,
    int port) {

  /** All ports of running workloads with a sidecar to which a Service leads, each once. */
  public static List<ProbeTarget> of(ClusterEvidence seen) {
    Map<String, ProbeTarget> found = new LinkedHashMap<>();
    List<PodView> pods =
        seen.objects().all(Kind.POD).stream()
            .map(PodView::new)
            .filter(pod -> pod.hasSidecar() && !pod.isOver() && !pod.address().isEmpty())
            .filter(pod -> pod.pod().text("/metadata/deletionTimestamp").isEmpty())
            .toList();
    for (ApiObject service : seen.objects().all(Kind.SERVICE)) {
      Map<String, String> selector = selector(service);
      if (selector.isEmpty()) {
        continue;
      }
      for (PodView pod : pods) {
        if (pod.namespace().equals(service.namespace())
            && pod.labels().entrySet().containsAll(selector.entrySet())) {
          of(seen, service, pod).forEach(target -> found.putIfAbsent(target.key(), target));
        }
      }
    }
    return List.copyOf(found.values());
  }

  private String key() {
    return namespace + "/" + workload + ":" + port;
  }

  private static Map<String, String> selector(ApiObject service) {
    Map<String, String> selector = new LinkedHashMap<>();
    service
        .at("/spec/selector")
        .properties()
        .forEach(entry -> selector.put(entry.getKey(), entry.getValue().asString("")));
    return selector;
  }

  private static List<ProbeTarget> of(ClusterEvidence seen, ApiObject service, PodView pod) {
    String workload =
        Owners.workload(seen.objects(), pod.pod()).map(owner -> owner.name()).orElseGet(pod::name);
    List<ProbeTarget> found = new ArrayList<>();
    for (JsonNode port : service.at("/spec/ports")) {
      int own = own(port, pod);
      if (own > 0 && port.path("protocol").asString("TCP").equals("TCP")) {
        found.add(
            new ProbeTarget(
                pod.namespace(),
                workload,
                pod.name(),
                pod.address(),
                service.name(),
                port.path("port").asInt(0),
                own));
      }
    }
    return found;
  }

  private static int own(JsonNode port, PodView pod) {
    JsonNode target = port.path("targetPort");
    if (target.isString() && !target.asString("").matches("[0-9]+")) {
      return pod.namedPorts().getOrDefault(target.asString(""), 0);
    }
    return target.asInt(port.path("port").asInt(0));
  }

  /** {@code service.namespace.svc:port}. */
  public String authority() {
    return "%s.%s.svc:%d".formatted(service, namespace, servicePort);
  }

  ProbeOutcome.Target target() {
    return new ProbeOutcome.Target(namespace, workload);
  }

  /** What came of a request to it. */
  public ProbeOutcome outcome(
      ProbeOutcome.Purpose purpose,
      String from,
      String request,
      CurlAnswer answer,
      Map<String, String> more) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("service", authority());
    details.put("workload", workload);
    details.put("pod", pod);
    details.putAll(answer.details());
    details.putAll(more);
    return new ProbeOutcome(purpose, from, target(), port, request, answer.result(), details);
  }
}
