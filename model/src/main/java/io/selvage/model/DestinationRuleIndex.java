package io.selvage.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides which DestinationRule a client uses for a host. */
final class DestinationRuleIndex {

  private static final String CLUSTER_SUFFIX = ".svc.cluster.local";

  private final ResourceIndex resources;
  private final String rootNamespace;
  private volatile @Nullable EntryOwners owners;

  DestinationRuleIndex(ResourceIndex resources, String rootNamespace) {
    this.resources = resources;
    this.rootNamespace = rootNamespace;
  }

  /**
   * The rule of the client's namespace, else of the host's own, else of the root namespace; in a
   * namespace the one with the most specific host, one with a matching workload selector first.
   * Several for one host and the same clients are merged ({@code DestinationRule.subsets} of all,
   * the traffic policy of the oldest that has one).
   */
  Optional<DestinationRule> lookUp(String host, WorkloadView client) {
    String full = Service.fullHost(host, client.namespace());
    Optional<DestinationRule> own =
        client.namespace().equals(rootNamespace)
            ? Optional.empty()
            : best(client.namespace(), full, client);
    return own.or(() -> namespaceOf(full).flatMap(owner -> best(owner, full, client)))
        .or(() -> best(rootNamespace, full, client));
  }

  private Optional<DestinationRule> best(String namespace, String host, WorkloadView client) {
    List<DestinationRule> candidates =
        resources.in(namespace, DestinationRule.class).stream()
            .filter(rule -> rule.isVisibleTo(client.namespace()))
            .filter(rule -> isFor(client, rule))
            .filter(rule -> HostPattern.covers(rule.fullHost(), host))
            .toList();
    return candidates.stream()
        .max(BY_SPECIFICITY)
        .map(
            best ->
                candidates.stream()
                    .filter(rule -> isMergedWith(rule, best))
                    .reduce(best, DestinationRule::with));
  }

  /** Several rules for one host and the same clients are one, put together from the oldest on. */
  private static boolean isMergedWith(DestinationRule rule, DestinationRule best) {
    return !rule.equals(best)
        && rule.fullHost().equals(best.fullHost())
        && rule.workloadSelector().equals(best.workloadSelector())
        && Set.copyOf(rule.exportTo()).equals(Set.copyOf(best.exportTo()));
  }

  private static boolean isFor(WorkloadView client, DestinationRule rule) {
    return rule.workloadSelector()
        .map(
            selector ->
                rule.meta().namespace().equals(client.namespace())
                    && selector.matches(client.labels()))
        .orElse(true);
  }

  /** Later wins; between equals, {@code Stream.max} keeps the last, so age is compared too. */
  private static final Comparator<DestinationRule> BY_SPECIFICITY =
      Comparator.comparing((DestinationRule rule) -> !rule.fullHost().startsWith("*"))
          .thenComparingInt(rule -> rule.fullHost().length())
          .thenComparing(rule -> rule.workloadSelector().isPresent())
          .thenComparing(
              rule -> rule.meta().creationTimestamp().orElse(Instant.MAX),
              Comparator.reverseOrder())
          .thenComparing(rule -> rule.meta().name(), Comparator.reverseOrder());

  private Optional<String> namespaceOf(String host) {
    if (host.endsWith(CLUSTER_SUFFIX)) {
      List<String> parts =
          List.of(host.substring(0, host.length() - CLUSTER_SUFFIX.length()).split("\\.", -1));
      return parts.size() == 2 ? Optional.of(parts.get(1)) : Optional.empty();
    }
    EntryOwners known = owners;
    if (known == null) {
      known = EntryOwners.of(resources.serviceEntriesByOwnership());
      owners = known;
    }
    return known.of(host);
  }

  /**
   * Which namespace has the ServiceEntry for a host: where several have one, that of the owner
   * ({@link ServiceEntry#BY_OWNERSHIP}).
   *
   * @param exact by host
   * @param wildcards those whose hosts begin with {@code *}, in order
   */
  private record EntryOwners(Map<String, Owner> exact, List<Owner> wildcards) {
    /** The namespace of an entry's host. */
    private record Owner(String host, String namespace) {}

    static EntryOwners of(List<ServiceEntry> entries) {
      Map<String, Owner> exact = new HashMap<>();
      List<Owner> wildcards = new ArrayList<>();
      for (ServiceEntry entry : entries) {
        for (String host : entry.hosts()) {
          Owner owner = new Owner(host, entry.meta().namespace());
          if (host.startsWith("*")) {
            wildcards.add(owner);
          } else {
            exact.putIfAbsent(host, owner);
          }
        }
      }
      return new EntryOwners(exact, wildcards);
    }

    /** An entry that names the host owns it, whatever wildcards cover it, as in the registry. */
    Optional<String> of(String host) {
      return Optional.ofNullable(exact.get(host)).or(() -> covering(host)).map(Owner::namespace);
    }

    private Optional<Owner> covering(String host) {
      return wildcards.stream().filter(each -> HostPattern.covers(each.host(), host)).findFirst();
    }
  }
}
