package io.selvage.model;

import io.selvage.model.AuthorizationPolicy.Rule;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a user demands of a mesh's policies, to be proved of every request ({@code
 * selvage.dev/v1alpha1} {@code PolicyAssertions}). It configures nothing, so it is no {@link
 * Resource}.
 *
 * @param at where the document begins
 */
public record PolicyAssertions(List<Assertion> assertions, Assumptions assume, SourceLocation at) {

  /** The API group and version of the documents. */
  public static final String API_VERSION = "selvage.dev/v1alpha1";

  /** The kind of the documents. */
  public static final String KIND = "PolicyAssertions";

  public PolicyAssertions {
    assertions = List.copyOf(assertions);
  }

  /**
   * One demand.
   *
   * @param id names it in reports; unique in its document
   * @param why for those who break it; may be empty
   * @param except requests that the claim isn't about
   * @param expires the last day on which it counts as agreed; afterwards it is a finding
   * @param allowEmpty whether it holds when it selects no workload
   */
  public record Assertion(
      String id,
      String why,
      Claim claim,
      List<Pattern> except,
      Optional<LocalDate> expires,
      boolean allowEmpty,
      SourceLocation at) {
    public Assertion {
      except = List.copyOf(except);
    }
  }

  /** What is demanded. */
  public sealed interface Claim {}

  /** No request of the pattern is allowed. */
  public record Never(Pattern requests) implements Claim {}

  /** Every request of the pattern is allowed. */
  public record Always(Pattern requests) implements Claim {}

  /**
   * Two meshes allow the same.
   *
   * @param base as {@code --base} of {@code selvage prove diff}; a path starts at the file's folder
   * @param head likewise
   */
  public record Equivalent(String base, String head, Scope scope) implements Claim {}

  /**
   * A set of requests.
   *
   * @param rule who calls, and with what, as a rule of an AuthorizationPolicy says it; every
   *     namespace is written out
   * @param to whom
   * @param ports the workloads' own; empty: all
   */
  public record Pattern(Rule rule, Scope to, Set<Integer> ports) {
    public Pattern {
      ports = Collections.unmodifiableSet(new TreeSet<>(ports));
    }
  }

  /**
   * A choice of workloads: those that one of the targets selects.
   *
   * @param targets empty: every workload
   */
  public record Scope(List<Target> targets) {
    /** Every workload. */
    public static final Scope ALL = new Scope(List.of());

    public Scope {
      targets = List.copyOf(targets);
    }

    /** Whether a workload is among them. */
    public boolean selects(
        String cluster, String namespace, String name, Map<String, String> labels) {
      return targets.isEmpty()
          || targets.stream().anyMatch(one -> one.selects(cluster, namespace, name, labels));
    }
  }

  /** Workloads that have all of what is given. */
  public record Target(
      Optional<String> cluster,
      Optional<String> namespace,
      Optional<String> name,
      WorkloadSelector labels) {

    /** All of a namespace. */
    public static Target ofNamespace(String namespace) {
      return new Target(
          Optional.empty(),
          Optional.of(namespace),
          Optional.empty(),
          new WorkloadSelector(Map.of()));
    }

    private boolean selects(String inCluster, String in, String called, Map<String, String> with) {
      return cluster.map(inCluster::equals).orElse(true)
          && namespace.map(in::equals).orElse(true)
          && name.map(called::equals).orElse(true)
          && labels.matches(with);
    }
  }

  /**
   * What a proof may rest on.
   *
   * @param unknownIdentities callers may have identities that no known workload has
   * @param knownAddresses the address of a known workload comes with its identity alone
   * @param anySpiffeId unknown identities may have any form, not only that which a mesh's CA issues
   */
  public record Assumptions(
      boolean unknownIdentities, boolean knownAddresses, boolean anySpiffeId) {
    /** As every other question is asked. */
    public static final Assumptions DEFAULT = new Assumptions(true, false, false);
  }
}
