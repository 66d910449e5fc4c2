package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.FieldValues;
import io.selvage.model.MeshConfig;
import io.selvage.model.RequestAuthentication;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Numbers for what resources mean, wherever they are written: two that differ in their place alone
 * have one number. Safe for use by several threads.
 */
final class Shapes {
  /** An editor's loop reads the same policies again and again: at some time all start anew. */
  private static final int MOST_KNOWN = 200_000;

  private final Map<Object, Integer> numbers = new HashMap<>();
  private final IdentityHashMap<Object, Integer> known = new IdentityHashMap<>();
  private final IdentityHashMap<AuthorizationPolicy, Set<Integer>> ports = new IdentityHashMap<>();

  /** Forgets resources that may be gone; what they mean keeps its number. To be called between questions. */
  synchronized void tidy() {
    if (known.size() > MOST_KNOWN) {
      known.clear();
      ports.clear();
    }
  }

  synchronized int of(AuthorizationPolicy policy) {
    Integer number = known.get(policy);
    if (number == null) {
      number = numberOf(shape(policy));
      known.put(policy, number);
    }
    return number;
  }

  synchronized int of(RequestAuthentication tokens) {
    Integer number = known.get(tokens);
    if (number == null) {
      number = numberOf(shape(tokens));
      known.put(tokens, number);
    }
    return number;
  }

  /** Of what policies are translated by. */
  synchronized int of(MeshConfig mesh) {
    Integer number = known.get(mesh);
    if (number == null) {
      number =
          numberOf(
              List.of(
                  List.copyOf(mesh.trustDomains()),
                  mesh.pathNormalization(),
                  mesh.extensionProviders().stream()
                      .map(provider -> provider.getClass().getSimpleName() + provider.name())
                      .toList()));
      known.put(mesh, number);
    }
    return number;
  }

  private int numberOf(Object shape) {
    return numbers.computeIfAbsent(shape, _ -> numbers.size());
  }

  private static Object shape(AuthorizationPolicy policy) {
    List<Object> rules = new ArrayList<>();
    for (AuthorizationPolicy.Rule rule : policy.ruleList()) {
      List<Object> from = new ArrayList<>();
      rule.from().forEach(source -> from.add(values(source)));
      List<Object> to = new ArrayList<>();
      rule.to().forEach(operation -> to.add(values(operation)));
      List<Object> when = new ArrayList<>();
      rule.when()
          .forEach(
              each ->
                  when.add(List.of(each.key(), each.values().values(), each.notValues().values())));
      rules.add(List.of(from, to, when));
    }
    return List.of(
        policy.meta().namespace(),
        policy.meta().name(),
        policy.action(),
        policy.provider().orElse(""),
        policy.dryRun(),
        rules);
  }

  private static List<List<String>> values(AuthorizationPolicy.Source source) {
    return texts(
        source.principals(),
        source.notPrincipals(),
        source.requestPrincipals(),
        source.notRequestPrincipals(),
        source.namespaces(),
        source.notNamespaces(),
        source.serviceAccounts(),
        source.notServiceAccounts(),
        source.trustDomains(),
        source.notTrustDomains(),
        source.ipBlocks(),
        source.notIpBlocks(),
        source.remoteIpBlocks(),
        source.notRemoteIpBlocks());
  }

  private static List<List<String>> values(AuthorizationPolicy.Operation operation) {
    return texts(
        operation.hosts(),
        operation.notHosts(),
        operation.ports(),
        operation.notPorts(),
        operation.methods(),
        operation.notMethods(),
        operation.paths(),
        operation.notPaths());
  }

  private static List<List<String>> texts(FieldValues... fields) {
    List<List<String>> all = new ArrayList<>();
    for (FieldValues field : fields) {
      all.add(field.values());
    }
    return all;
  }

  private static Object shape(RequestAuthentication tokens) {
    return List.of(
        "tokens",
        tokens.jwtRules().stream()
            .map(
                rule ->
                    List.of(
                        rule.issuer(),
                        rule.audiences(),
                        rule.outputPayloadToHeader().orElse(""),
                        rule.outputClaimToHeaders()))
            .toList());
  }

  /** The ports that a policy names. */
  synchronized Set<Integer> portsNamedBy(AuthorizationPolicy policy) {
    return ports.computeIfAbsent(
        policy,
        _ -> {
          Set<Integer> named = new HashSet<>();
          for (AuthorizationPolicy.Rule rule : policy.ruleList()) {
            rule.to()
                .forEach(
                    operation -> {
                      add(named, operation.ports());
                      add(named, operation.notPorts());
                    });
            rule.when().stream()
                .filter(condition -> condition.key().equals("destination.port"))
                .forEach(
                    condition -> {
                      add(named, condition.values());
                      add(named, condition.notValues());
                    });
          }
          return Set.copyOf(named);
        });
  }

  private static void add(Set<Integer> named, FieldValues values) {
    for (String value : values.values()) {
      if (value.matches("[0-9]{1,5}")) {
        named.add(Integer.parseInt(value));
      }
    }
  }
}
