package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.model.Sidecar;
import io.selvage.model.Sidecar.Egress;
import io.selvage.model.Sidecar.Host;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which services of a mesh a client is told of: those that its namespace may see, and of them those
 * that its Sidecar imports, if it has one. A Sidecar that names its namespaces costs what is in
 * them, however large the mesh is.
 */
final class Imports {
  private final ServiceRegistry services;
  private @Nullable Map<String, List<MeshService>> byNamespace;

  /**
   * What a client is told of, both sorted by host.
   *
   * @param called there are clusters for it
   * @param captured listeners and routes lead to it
   */
  record Imported(List<MeshService> called, List<MeshService> captured) {
    boolean isAllCaptured() {
      return called.equals(captured);
    }
  }

  Imports(ServiceRegistry services) {
    this.services = services;
  }

  Imported of(Client client) {
    List<Egress> egress = client.sidecar().map(Sidecar::egress).orElse(List.of());
    if (egress.isEmpty()) {
      List<MeshService> all = services.visibleTo(client.namespace());
      return new Imported(all, all);
    }
    List<MeshService> called = new ArrayList<>();
    List<MeshService> captured = new ArrayList<>();
    for (MeshService one : candidates(egress, client.namespace())) {
      List<Egress> importing =
          egress.stream()
              .filter(with -> with.imports(one.host(), one.namespace(), client.namespace()))
              .toList();
      if (!importing.isEmpty()) {
        MeshService service = named(one, importing, client.namespace());
        add(service, port -> importing.stream().anyMatch(with -> takes(with, port)), called);
        add(service, port -> captures(egress, importing, port), captured);
      }
    }
    return new Imported(called, captured);
  }

  /** By its own name, and by those of its aliases that are imported as the service is. */
  private static MeshService named(MeshService service, List<Egress> importing, String client) {
    return service.aliases().isEmpty()
        ? service
        : service.withAliases(
            service.aliases().stream()
                .filter(
                    alias ->
                        importing.stream()
                            .anyMatch(
                                with -> with.imports(alias.host(), service.namespace(), client)))
                .toList());
  }

  private static void add(
      MeshService service, Predicate<ServicePort> wanted, List<MeshService> to) {
    List<ServicePort> ports = service.ports().stream().filter(wanted).toList();
    if (ports.size() == service.ports().size()) {
      to.add(service);
    } else if (!ports.isEmpty()) {
      to.add(service.withPorts(ports));
    }
  }

  private static boolean takes(Egress egress, ServicePort port) {
    return egress.port().isEmpty() || egress.port().getAsInt() == port.number();
  }

  /** HTTP on a port that some listener has of its own is routed by that one alone. */
  private static boolean captures(List<Egress> all, List<Egress> importing, ServicePort port) {
    boolean own =
        port.protocol().isHttp()
            && all.stream().anyMatch(one -> one.port().isPresent() && takes(one, port));
    return importing.stream()
        .filter(one -> one.captured() && takes(one, port))
        .anyMatch(one -> !own || one.port().isPresent());
  }

  /** The visible services of the namespaces that are named, or all. */
  private List<MeshService> candidates(List<Egress> egress, String client) {
    TreeSet<String> namespaces = new TreeSet<>();
    for (Egress one : egress) {
      for (Host host : one.hosts()) {
        if (!host.excluded()) {
          namespaces.add(host.namespaceFor(client));
        }
      }
    }
    if (namespaces.contains("")) {
      return services.visibleTo(client);
    }
    return namespaces.stream()
        .flatMap(namespace -> byNamespace().getOrDefault(namespace, List.of()).stream())
        .filter(service -> service.isVisibleTo(client))
        .sorted(Comparator.comparing(MeshService::host))
        .toList();
  }

  private Map<String, List<MeshService>> byNamespace() {
    Map<String, List<MeshService>> known = byNamespace;
    if (known == null) {
      known = new HashMap<>();
      for (MeshService service : services.services()) {
        known.computeIfAbsent(service.namespace(), _ -> new ArrayList<>()).add(service);
      }
      byNamespace = known;
    }
    return known;
  }
}
