package io.selvage.control.workload;

import io.selvage.control.workload.MeshService.Alias;
import io.selvage.model.Service;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which Services are no more than other names of which hosts ({@code type: ExternalName}). */
final class Aliases {
  private Aliases() {}

  /**
   * The aliases by the host that they come to, sorted; of any host, known or not.
   *
   * @param services by their hosts
   */
  static Map<String, List<Alias>> of(Map<String, Service> services) {
    Map<String, List<Alias>> aliases = new HashMap<>();
    for (Service service : services.values()) {
      if (service.externalName().isPresent()) {
        Alias alias = new Alias(service.meta().namespace(), service.meta().name());
        target(service, services)
            .ifPresent(host -> aliases.computeIfAbsent(host, _ -> new ArrayList<>()).add(alias));
      }
    }
    aliases.values().forEach(Collections::sort);
    return aliases;
  }

  /** An alias may be another alias's; those that lead to one another come to nothing. */
  private static Optional<String> target(Service alias, Map<String, Service> services) {
    Set<String> passed = new HashSet<>();
    String host = alias.host();
    Optional<String> next = alias.externalName();
    while (next.isPresent()) {
      if (!passed.add(host)) {
        return Optional.empty();
      }
      host = next.get();
      next = Optional.ofNullable(services.get(host)).flatMap(Service::externalName);
    }
    return Optional.of(host);
  }
}
