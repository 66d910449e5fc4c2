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
import io.selvage.doctor.view.Proved;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Condition;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.prove.LintFinding;
import io.selvage.prove.LintReport;
import io.selvage.prove.Place;
import io.selvage.prove.ProvedWorkload;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Policies that name callers, where callers may come in plaintext and then have no name: a DENY
 * does not meet them, an ALLOW of everybody but some lets them in, an ALLOW of some keeps them out.
 * The prover says whether plaintext gets in at all.
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

  private static final Set<Action> DECIDING = Set.of(Action.ALLOW, Action.DENY);

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

  private record Port(PodView pod, int number) {
    @Override
    public String toString() {
      return pod.qualified() + ":" + number;
    }
  }

  /**
   * What the prover says of callers in plaintext, by place ({@code namespace/workload:port}).
   *
   * @param admitted where they may do anything
   * @param rules policies that let them in by saying who may not call: {@code policy place}
   * @param open where it came to no end
   */
  private record Plaintext(Set<String> admitted, Set<String> rules, Set<String> open) {
    static final Plaintext NOWHERE = new Plaintext(Set.of(), Set.of(), Set.of());

    static Plaintext of(LintReport report) {
      Set<String> admitted = new HashSet<>();
      Set<String> rules = new HashSet<>();
      Set<String> open = new HashSet<>();
      report.plaintext().forEach(reach -> admitted.add(key(reach.place())));
      report.inconclusive().forEach(one -> open.add(key(one.place())));
      for (LintFinding finding : report.findings()) {
        if (finding.kind() == LintFinding.Kind.PLAINTEXT_ADMITTED) {
          finding.places().forEach(place -> rules.add(finding.policy() + " " + key(place)));
        }
      }
      return new Plaintext(admitted, rules, open);
    }

    private static String key(Place place) {
      return place.workload().qualifiedName() + ":" + (place.other() ? "other" : place.number());
    }
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(
            cluster,
            results,
            Kind.AUTHORIZATION_POLICY,
            Kind.PEER_AUTHENTICATION,
            Kind.POD,
            Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY, Kind.PEER_AUTHENTICATION);
    var looking = new Looking(cluster, mesh, plaintext(cluster, mesh));
    mesh.sidecars().forEach(looking::at);
    looking.found.forEach((finding, ports) -> tell(cluster, finding, ports, results));
    if (!looking.undecided.isEmpty()) {
      results.unknown(
          "whether plaintext is let in was not decided in time at "
              + Words.some(looking.undecided));
    }
    if (results.isFine()) {
      results.pass(
          looking.keptOut == 0
              ? "where policies name callers, only mTLS is accepted"
              : "policies that name callers keep plaintext out");
    }
  }

  /** Where no policy names callers, the prover need not be asked. */
  private static Plaintext plaintext(ClusterEvidence cluster, MeshView mesh) {
    return mesh.snapshot().all(AuthorizationPolicy.class).stream().anyMatch(PeerIdentity::names)
        ? Plaintext.of(Proved.lint(cluster))
        : Plaintext.NOWHERE;
  }

  /** What is found on the way through all ports that take plaintext. */
  private static final class Looking {
    private final ClusterEvidence cluster;
    private final MeshView mesh;
    private final Plaintext plaintext;
    private final Map<Finding, List<Port>> found = new LinkedHashMap<>();
    private final Set<String> undecided = new TreeSet<>();
    private int keptOut;

    Looking(ClusterEvidence cluster, MeshView mesh, Plaintext plaintext) {
      this.cluster = cluster;
      this.mesh = mesh;
      this.plaintext = plaintext;
    }

    void at(PodView pod) {
      if (mesh.isObscure(pod.namespace(), Kind.PEER_AUTHENTICATION)) {
        return;
      }
      List<AuthorizationPolicy> naming =
          mesh.snapshotFor(pod).authorizationPoliciesFor(pod.view()).stream()
              .filter(PeerIdentity::names)
              .toList();
      for (InboundPort port : mesh.ports(pod)) {
        EffectivePeerAuthentication effective =
            mesh.snapshotFor(pod).effectivePeerAuthentication(pod.view(), port.number());
        if (effective.mode() != Mode.STRICT) {
          naming.forEach(policy -> at(new Port(pod, port.number()), policy, effective));
        }
      }
    }

    private void at(Port port, AuthorizationPolicy policy, EffectivePeerAuthentication effective) {
      String place = place(cluster, port);
      if (plaintext.open().contains(place)) {
        undecided.add(port.toString());
        return;
      }
      Effect effect = effect(policy, effective.mode(), place, plaintext);
      if (effect == Effect.KEPT_OUT) {
        keptOut++;
      } else {
        found
            .computeIfAbsent(new Finding(policy, effect, effective), _ -> new ArrayList<>())
            .add(port);
      }
    }
  }

  /** As the prover calls it. */
  private static String place(ClusterEvidence cluster, Port port) {
    return Proved.of(cluster)
            .workload(port.pod())
            .map(ProvedWorkload::qualifiedName)
            .orElse(port.pod().qualified())
        + ":"
        + port.number();
  }

  private static Effect effect(
      AuthorizationPolicy policy, Mode mode, String place, Plaintext plaintext) {
    return switch (policy.action()) {
      case ALLOW -> {
        if (plaintext.rules().contains(policy.meta().qualifiedName() + " " + place)) {
          yield Effect.PASSES_ALLOW;
        }
        yield mode == Mode.DISABLE
                && policy.ruleList().stream().anyMatch(PeerIdentity::isForNamedAlone)
            ? Effect.NEVER
            : Effect.KEPT_OUT;
      }
      case DENY ->
          plaintext.admitted().contains(place)
                  && policy.ruleList().stream().anyMatch(rule -> names(rule, false))
              ? Effect.PASSES_DENY
              : Effect.KEPT_OUT;
      case AUDIT, CUSTOM -> Effect.KEPT_OUT;
    };
  }

  private static void tell(
      ClusterEvidence cluster, Finding finding, List<Port> ports, Results results) {
    Port first = ports.getFirst();
    Policies.about(
            results.fail(
                "%s names callers, but callers may have no name at %s (%s)"
                    .formatted(
                        Policies.ref(finding.policy()),
                        Words.some(ports.stream().map(Port::toString).toList()),
                        Modes.words(finding.at()))),
            cluster,
            finding.policy())
        .cause(finding.effect().words)
        .effect(
            finding.effect() == Effect.NEVER
                ? "calls that are meant to be allowed are denied"
                : "whoever calls without mTLS goes past the policy")
        .next("set STRICT there")
        .fix(Modes.strict(finding.at(), first.pod().namespace(), first.number()));
  }

  /** Whether a policy that decides says who calls, or who does not. */
  private static boolean names(AuthorizationPolicy policy) {
    return !policy.dryRun()
        && DECIDING.contains(policy.action())
        && policy.ruleList().stream().anyMatch(rule -> names(rule, false) || names(rule, true));
  }

  /** Whether nobody without a name is met: each source names callers, or a condition does. */
  private static boolean isForNamedAlone(Rule rule) {
    return rule.when().stream().anyMatch(condition -> names(condition, false))
        || (!rule.from().isEmpty()
            && rule.from().stream().allMatch(source -> names(source, false)));
  }

  /** Whether a source or a condition of the rule says who calls, or who does not. */
  private static boolean names(Rule rule, boolean not) {
    boolean sources = rule.from().stream().anyMatch(source -> names(source, not));
    return sources || rule.when().stream().anyMatch(condition -> names(condition, not));
  }

  private static boolean names(AuthorizationPolicy.Source source, boolean not) {
    return not
        ? !(source.notPrincipals().isEmpty()
            && source.notNamespaces().isEmpty()
            && source.notServiceAccounts().isEmpty()
            && source.notTrustDomains().isEmpty())
        : !(source.principals().isEmpty()
            && source.namespaces().isEmpty()
            && source.serviceAccounts().isEmpty()
            && source.trustDomains().isEmpty());
  }

  private static boolean names(Condition condition, boolean not) {
    return CONDITIONS.contains(condition.key())
        && !(not ? condition.notValues() : condition.values()).isEmpty();
  }
}
