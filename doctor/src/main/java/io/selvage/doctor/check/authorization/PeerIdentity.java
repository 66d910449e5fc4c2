package io.selvage.doctor.check.authorization;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Modes;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Policies;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Condition;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Policies that name callers, where callers may come in plaintext and then have no name: a DENY
 * does not meet them, an ALLOW of everybody but some lets them in, an ALLOW of some keeps them out.
 */
public final class PeerIdentity {
  /** Policies that name callers are where callers have names. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4006",
              "policies that name callers hold where every caller has a name",
              Set.of(Source.OBJECTS),
              FixClass.CONSENTED,
              "R6",
              "R1"),
          PeerIdentity::ask);

  private static final Set<String> CONDITIONS =
      Set.of("source.principal", "source.namespace", "source.serviceAccount", "source.trustDomain");

  private PeerIdentity() {}

  /** What plaintext does to a rule. */
  private enum Effect {
    /** A DENY that names callers does not meet plaintext. */
    PASSES_DENY("a DENY that names callers does not meet those who come in plaintext"),
    /** An ALLOW that only says who may not call meets plaintext. */
    PASSES_ALLOW("an ALLOW of everybody but some lets in those who come in plaintext"),
    /** Nobody has a name. */
    NEVER(
        "TLS is not ended there, so nobody has a name, and an ALLOW that names callers is for"
            + " nobody"),
    /** Kept out: safe. */
    KEPT_OUT("callers in plaintext have no name and are kept out");

    private final String words;

    Effect(String words) {
      this.words = words;
    }
  }

  private record Finding(
      AuthorizationPolicy policy, Effect effect, EffectivePeerAuthentication at) {}

  private record Port(PodView pod, int number) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(
        cluster,
        results,
        Kind.AUTHORIZATION_POLICY,
        Kind.PEER_AUTHENTICATION,
        Kind.POD,
        Kind.SERVICE)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Map<Finding, Set<String>> found = new LinkedHashMap<>();
    Map<Finding, Port> first = new LinkedHashMap<>();
    int keptOut = 0;
    for (PodView pod : mesh.sidecars()) {
      for (InboundPort port : mesh.ports(pod)) {
        EffectivePeerAuthentication effective =
            mesh.snapshot().effectivePeerAuthentication(pod.view(), port.number());
        if (effective.mode() == Mode.STRICT) {
          continue;
        }
        for (AuthorizationPolicy policy : mesh.snapshot().authorizationPoliciesFor(pod.view())) {
          for (Effect effect : effects(policy, effective.mode())) {
            keptOut += effect == Effect.KEPT_OUT ? 1 : 0;
            if (effect != Effect.KEPT_OUT) {
              var finding = new Finding(policy, effect, effective);
              first.putIfAbsent(finding, new Port(pod, port.number()));
              found
                  .computeIfAbsent(finding, _ -> new TreeSet<>())
                  .add(pod.qualified() + ":" + port.number());
            }
          }
        }
      }
    }
    found.forEach(
        (finding, ports) -> {
          Port at = first.getOrDefault(finding, new Port(mesh.pods().getFirst(), 1));
          Policies.about(
                  results.fail(
                      "%s names callers, but callers may have no name at %s (%s)"
                          .formatted(
                              Policies.ref(finding.policy()),
                              Words.some(ports),
                              Modes.words(finding.at()))),
                  cluster,
                  finding.policy())
              .cause(finding.effect().words)
              .effect(
                  finding.effect() == Effect.NEVER
                      ? "calls that are meant to be allowed are denied"
                      : "whoever calls without mTLS goes past the policy")
              .next("set STRICT there")
              .fix(Modes.strict(finding.at(), at.pod().namespace(), at.number()));
        });
    if (found.isEmpty()) {
      results.pass(
          keptOut == 0
              ? "where policies name callers, only mTLS is accepted"
              : "policies that name callers keep plaintext out");
    }
  }

  private static Set<Effect> effects(AuthorizationPolicy policy, Mode mode) {
    Set<Effect> effects = new TreeSet<>();
    for (Rule rule : policy.ruleList()) {
      boolean named = names(rule, false);
      boolean excepted = names(rule, true);
      if (policy.dryRun() || !(named || excepted)) {
        continue;
      }
      if (policy.action() == Action.DENY && named) {
        effects.add(Effect.PASSES_DENY);
      } else if (policy.action() == Action.ALLOW && !named) {
        effects.add(Effect.PASSES_ALLOW);
      } else if (policy.action() == Action.ALLOW) {
        effects.add(mode == Mode.DISABLE ? Effect.NEVER : Effect.KEPT_OUT);
      }
    }
    return effects;
  }

  /**
   * Whether the rule says who calls, or who does not. A rule with a source that says neither is for
   * anybody, in plaintext, too.
   */
  private static boolean names(Rule rule, boolean not) {
    boolean sources =
        rule.from().stream()
            .anyMatch(
                source ->
                    not
                        ? !(source.notPrincipals().isEmpty()
                            && source.notNamespaces().isEmpty()
                            && source.notServiceAccounts().isEmpty()
                            && source.notTrustDomains().isEmpty())
                        : !(source.principals().isEmpty()
                            && source.namespaces().isEmpty()
                            && source.serviceAccounts().isEmpty()
                            && source.trustDomains().isEmpty()));
    return sources || rule.when().stream().anyMatch(condition -> names(condition, not));
  }

  private static boolean names(Condition condition, boolean not) {
    return CONDITIONS.contains(condition.key())
        && !(not ? condition.notValues() : condition.values()).isEmpty();
  }
}
