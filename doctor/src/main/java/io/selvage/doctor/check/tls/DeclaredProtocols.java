package io.selvage.doctor.check.tls;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.HttpFields;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.PortProtocol;
import io.selvage.model.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Ports whose protocol nobody says. A proxy guesses by the first bytes, which is a matter for
 * security where policy looks at requests: what is not recognised as HTTP is judged as TCP.
 */
public final class DeclaredProtocols {
  /** Where policy looks at requests, ports say that they speak HTTP. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV2013",
              "ports whose requests are judged say what they speak",
              Status.WARN,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of(),
              Optional.of("IST0118")),
          DeclaredProtocols::ask);

  private DeclaredProtocols() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.SERVICE, Kind.POD, Kind.AUTHORIZATION_POLICY)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY, Kind.SERVICE);
    Map<String, Set<String>> policies = new TreeMap<>();
    Set<String> guessed = new TreeSet<>();
    for (PodView pod : mesh.sidecars()) {
      for (InboundPort port : mesh.ports(pod)) {
        if (port.protocol() != PortProtocol.UNSPECIFIED) {
          continue;
        }
        String service = service(mesh, pod, port);
        guessed.add(service);
        for (AuthorizationPolicy policy :
            mesh.snapshotFor(pod).authorizationPoliciesFor(pod.view())) {
          if (HttpFields.any(policy)) {
            policies
                .computeIfAbsent(service, _ -> new TreeSet<>())
                .add(policy.meta().qualifiedName());
          }
        }
      }
    }
    policies.forEach((service, of) -> tell(service, of, results));
    if (results.isFine()) {
      results.pass(
          guessed.isEmpty()
              ? "every port says what it speaks"
              : "no policy looks at requests of %s, whose protocol is guessed: %s"
                  .formatted(Words.count(guessed.size(), "port"), Words.some(guessed)));
    }
  }

  /** {@code namespace/name:port}, of a Service that names the port. */
  private static String service(MeshView mesh, PodView pod, InboundPort port) {
    return mesh.snapshot().in(pod.namespace(), Service.class).stream()
        .filter(service -> service.selects(pod.labels()))
        .flatMap(
            service ->
                service.ports().stream()
                    .filter(one -> one.speaks() == PortProtocol.UNSPECIFIED)
                    .map(one -> service.meta().qualifiedName() + ":" + one.port()))
        .findFirst()
        .orElse(pod.qualified() + ":" + port.number());
  }

  private static void tell(String service, Set<String> policies, Results results) {
    String[] name = service.substring(0, service.lastIndexOf(':')).split("/", -1);
    results
        .warn(
            "Service %s does not say what it speaks, and policies look at its requests: %s"
                .formatted(service, Words.some(policies)))
        .about(new ObjectRef("Service", name[0], name[1]))
        .cause("the port has no appProtocol, and its name begins with no protocol")
        .effect(
            "what the proxy does not recognise as HTTP is judged as TCP, where methods, paths and"
                + " hosts do not count")
        .next("name the port http-… or set appProtocol: http");
  }
}
