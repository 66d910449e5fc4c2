package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Policies;
import io.selvage.doctor.view.Remotes;
import io.selvage.doctor.view.Spelled;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Callers that policies name and that do not exist, or that nobody could be. */
public final class Callers {
  /** The callers that policies name exist. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4008",
              "the callers that policies name exist, in this mesh's trust domain",
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              "R6"),
          Callers::ask);

  private static final String SCHEME = "spiffe://";
  private static final String LOCAL = "cluster.local";
  private static final int IDENTITY = 5;

  private Callers() {}

  /** Who exists. */
  private record Known(Set<String> trustDomains, Map<String, Set<String>> accounts) {
    Set<String> of(String namespace) {
      return accounts.getOrDefault(namespace, Set.of());
    }
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(
            cluster, results, Kind.AUTHORIZATION_POLICY, Kind.SERVICE_ACCOUNT, Kind.NAMESPACE)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY);
    Known known = known(cluster, mesh);
    boolean alone = // Secrets that were not seen may well name neighbours
        cluster.objects().look(Kind.SECRET).found().isPresent()
            && Remotes.secrets(cluster).isEmpty();
    int named = 0;
    for (AuthorizationPolicy policy : mesh.snapshot().all(AuthorizationPolicy.class)) {
      Map<String, String> wrong = new LinkedHashMap<>();
      for (Rule rule : policy.ruleList()) {
        for (String principal : principals(rule)) {
          named++;
          principal(principal, known).ifPresent(why -> wrong.put(principal, why));
        }
        for (String namespace : namespaces(rule)) {
          named++;
          namespace(namespace, known).ifPresent(why -> wrong.put(namespace, why));
        }
        for (String account : accounts(rule)) {
          named++;
          ofPolicy(account, policy.meta().namespace(), known)
              .ifPresent(why -> wrong.put(account, why));
        }
      }
      if (!wrong.isEmpty()) {
        tell(cluster, policy, wrong, alone, results);
      }
    }
    if (results.isFine()) {
      results.pass("%s in policies, all known".formatted(Words.count(named, "caller")));
    }
  }

  private static Known known(ClusterEvidence cluster, MeshView mesh) {
    Map<String, Set<String>> accounts = new LinkedHashMap<>();
    cluster
        .objects()
        .all(Kind.NAMESPACE)
        .forEach(namespace -> accounts.put(namespace.name(), new TreeSet<>(Set.of("default"))));
    for (ApiObject account : cluster.objects().all(Kind.SERVICE_ACCOUNT)) {
      accounts.computeIfAbsent(account.namespace(), _ -> new TreeSet<>()).add(account.name());
    }
    Set<String> domains = new TreeSet<>(mesh.settings().trustDomains());
    domains.add(LOCAL);
    cluster.flavour().found().map(Flavour::trustDomain).ifPresent(domains::add);
    mesh.settings().caCertificates().forEach(roots -> domains.addAll(roots.trustDomains()));
    return new Known(domains, accounts);
  }

  private static List<String> principals(Rule rule) {
    List<String> all = new ArrayList<>();
    rule.from().forEach(source -> all.addAll(source.principals().values()));
    rule.from().forEach(source -> all.addAll(source.notPrincipals().values()));
    all.addAll(conditions(rule, "source.principal"));
    return all;
  }

  private static List<String> namespaces(Rule rule) {
    List<String> all = new ArrayList<>();
    rule.from().forEach(source -> all.addAll(source.namespaces().values()));
    rule.from().forEach(source -> all.addAll(source.notNamespaces().values()));
    all.addAll(conditions(rule, "source.namespace"));
    return all;
  }

  private static List<String> accounts(Rule rule) {
    List<String> all = new ArrayList<>();
    rule.from().forEach(source -> all.addAll(source.serviceAccounts().values()));
    rule.from().forEach(source -> all.addAll(source.notServiceAccounts().values()));
    all.addAll(conditions(rule, "source.serviceAccount"));
    return all;
  }

  private static List<String> conditions(Rule rule, String key) {
    return rule.when().stream()
        .filter(condition -> condition.key().equals(key))
        .flatMap(
            condition ->
                Stream.of(condition.values(), condition.notValues())
                    .flatMap(values -> values.values().stream()))
        .toList();
  }

  /** Why nobody is this principal; empty when somebody may be. */
  private static Optional<String> principal(String written, Known known) {
    if (written.startsWith(SCHEME)) {
      return Optional.of("a principal is written without " + SCHEME);
    }
    String[] parts = written.split("/", -1);
    if (written.contains("*")) {
      return Optional.empty();
    }
    if (parts.length != IDENTITY || !parts[1].equals("ns") || !parts[3].equals("sa")) {
      return Optional.of("a principal is TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT");
    }
    if (!known.trustDomains().contains(parts[0])) {
      return Optional.of(
          "the mesh's trust domain is "
              + Words.some(known.trustDomains())
              + Spelled.meant(parts[0], known.trustDomains()));
    }
    return account(parts[2], parts[4], known);
  }

  private static Optional<String> namespace(String written, Known known) {
    return written.contains("*") || known.accounts().containsKey(written)
        ? Optional.empty()
        : Optional.of(
            "there is no namespace " + written + Spelled.meant(written, known.accounts().keySet()));
  }

  /** {@code namespace/account}, or an account of the policy's own namespace. */
  private static Optional<String> ofPolicy(String written, String namespace, Known known) {
    int slash = written.indexOf('/');
    return slash < 0
        ? account(namespace, written, known)
        : account(written.substring(0, slash), written.substring(slash + 1), known);
  }

  private static Optional<String> account(String namespace, String account, Known known) {
    Optional<String> missing = namespace(namespace, known);
    if (missing.isPresent()) {
      return missing;
    }
    Collection<String> there = known.of(namespace);
    return there.contains(account)
        ? Optional.empty()
        : Optional.of(
            "there is no ServiceAccount %s/%s%s"
                .formatted(namespace, account, Spelled.meant(account, there)));
  }

  private static void tell(
      ClusterEvidence cluster,
      AuthorizationPolicy policy,
      Map<String, String> wrong,
      boolean alone,
      Results results) {
    var first = wrong.entrySet().iterator().next();
    String summary =
        "%s names %s, who cannot call: %s%s"
            .formatted(
                Policies.ref(policy),
                first.getKey(),
                first.getValue(),
                wrong.size() > 1 ? " (and " + (wrong.size() - 1) + " more)" : "");
    var said = alone ? results.fail(summary) : results.warn(summary);
    Policies.about(said, cluster, policy)
        .cause(
            alone
                ? "a name that is misspelt, was removed, or is of another trust domain"
                : "a name that is misspelt or was removed, unless it is only in another cluster")
        .effect(
            "that part of the rule is for nobody: %s"
                .formatted(
                    policy.action() == AuthorizationPolicy.Action.ALLOW
                        ? "whoever was meant is denied"
                        : "whoever was meant is not met"))
        .next(
            "kubectl -n %s edit authorizationpolicy %s"
                .formatted(policy.meta().namespace(), policy.meta().name()));
    wrong.forEach((name, why) -> said.seen(name + ": " + why, "GET " + Policies.ref(policy)));
  }
}
