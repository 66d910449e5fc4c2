package io.selvage.doctor;

import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.Dump;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What all checks say of the clusters: the one thing that every form of report shows.
 *
 * @param taken when the evidence was gathered
 * @param clusters that were asked about
 * @param checks that were asked, by code
 * @param findings every result, in the order of the checks, each under what explains it
 * @param expired entries of the ignore file past their last day
 */
public record Diagnosis(
    Instant taken,
    List<Examined> clusters,
    List<CheckInfo> checks,
    List<Finding> findings,
    List<Ignored.Entry> expired) {

  /**
   * A cluster that was asked about.
   *
   * @param flavour which mesh; why not, when it could not be seen
   * @param proxies how many workloads' proxies were looked at
   * @param inFull how many of those were asked for their whole configuration
   */
  public record Examined(
      String context,
      String server,
      Look<Boolean> reached,
      Look<Flavour> flavour,
      int proxies,
      int inFull) {
    private static Examined of(ClusterEvidence cluster) {
      List<ProxyView> proxies = cluster.proxies().found().orElse(List.of());
      return new Examined(
          cluster.context(),
          cluster.server(),
          cluster.reached(),
          cluster.flavour(),
          proxies.size(),
          (int) proxies.stream().filter(proxy -> !Dump.isNotAsked(proxy)).count());
    }

    /** Whether its API server answers. */
    public boolean isReached() {
      return reached.found().orElse(false);
    }
  }

  /** How bad it has to be for exit status 1. */
  public enum FailOn {
    ERROR,
    WARNING,
    NEVER
  }

  public Diagnosis {
    clusters = List.copyOf(clusters);
    checks = List.copyOf(checks);
    findings = List.copyOf(findings);
    expired = List.copyOf(expired);
  }

  static Diagnosis of(
      Evidence evidence, List<CheckInfo> checks, List<Result> results, Ignored ignored) {
    var byCode = new LinkedHashMap<String, CheckInfo>();
    checks.forEach(check -> byCode.put(check.code(), check));
    var findings = new ArrayList<Finding>();
    for (Result result : results) {
      var check = byCode.get(result.code());
      if (check != null) {
        findings.add(new Finding(result, check, List.of(), ignored.of(result, evidence.taken())));
      }
    }
    return new Diagnosis(
        evidence.taken(),
        evidence.clusters().stream().map(Examined::of).toList(),
        checks,
        Causes.grouped(findings),
        ignored.expired(evidence.taken()));
  }

  /** All findings, also those under others. */
  public List<Finding> all() {
    return findings.stream().flatMap(Diagnosis::withExplained).toList();
  }

  private static Stream<Finding> withExplained(Finding finding) {
    return Stream.concat(
        Stream.of(finding), finding.explains().stream().flatMap(Diagnosis::withExplained));
  }

  /** All results. */
  public List<Result> results() {
    return all().stream().map(Finding::result).toList();
  }

  /** What a check says of a cluster as a whole: the worst of its results. */
  public record Verdict(String code, Optional<String> context, Status status, boolean ignored) {}

  /** One for each check and cluster, in the order of the checks. */
  public List<Verdict> verdicts() {
    Map<List<Object>, Verdict> worst = new LinkedHashMap<>();
    for (Finding finding : all()) {
      var verdict =
          new Verdict(
              finding.result().code(),
              finding.result().context(),
              finding.result().status(),
              finding.ignored().isPresent());
      worst.merge(
          List.of(verdict.code(), verdict.context()),
          verdict,
          (one, other) -> rank(other) > rank(one) ? other : one);
    }
    return List.copyOf(worst.values());
  }

  private static int rank(Verdict verdict) {
    return verdict.ignored()
        ? 1
        : switch (verdict.status()) {
          case SKIP -> 0;
          case PASS -> 1;
          case UNKNOWN -> 2;
          case WARN -> 3;
          case FAIL -> 4;
        };
  }

  /** How many checks say this of a cluster; those that are let be are not among them. */
  public int count(Status status) {
    return (int)
        verdicts().stream()
            .filter(verdict -> !verdict.ignored() && verdict.status() == status)
            .count();
  }

  /** How many checks fail or warn and are let be. */
  public int ignored() {
    return (int) verdicts().stream().filter(Verdict::ignored).count();
  }

  /** The codes that fail or warn and are not let be, each once, in order. */
  public List<String> open() {
    return all().stream()
        .filter(Finding::isOpen)
        .map(finding -> finding.result().code())
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * The exit status: 4 when no cluster could be asked, 1 for findings, 3 for what could not be
   * seen, else 0.
   *
   * @param strict whether UNKNOWN counts
   */
  public int exitCode(FailOn failOn, boolean strict) {
    if (!clusters.isEmpty() && clusters.stream().noneMatch(Examined::isReached)) {
      return 4;
    }
    boolean found =
        switch (failOn) {
          case ERROR -> count(Status.FAIL) > 0;
          case WARNING -> count(Status.FAIL) + count(Status.WARN) + expired.size() > 0;
          case NEVER -> false;
        };
    if (found) {
      return 1;
    }
    return strict && count(Status.UNKNOWN) > 0 ? 3 : 0;
  }
}
