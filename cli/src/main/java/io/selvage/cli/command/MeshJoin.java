package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.control.kubernetes.install.Check;
import io.selvage.control.kubernetes.install.JoinedClusters;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The part of an {@link InstallRun} that makes one mesh of several clusters. */
final class MeshJoin {
  private final JoinedClusters joined;
  private final InstallReport report;
  private boolean oneRoot;

  MeshJoin(JoinedClusters joined, InstallReport report) {
    this.joined = joined;
    this.report = report;
  }

  /**
   * One root for all: that of a cluster that has a CA, else of the first, which gets one. The
   * others have intermediates below it.
   *
   * @return those that can go on
   */
  List<ClusterRun> trusting(List<ClusterRun> going) {
    Predicate<ClusterRun> signs = cluster -> cluster.found().authority().isPresent();
    ClusterRun first = going.stream().filter(signs).findFirst().orElseGet(going::getFirst);
    try {
      joined.found(first.member());
    } catch (IOException e) {
      different(first, e);
      return List.of();
    }
    oneRoot = true;
    return going.stream().filter(cluster -> cluster == first || shares(first, cluster)).toList();
  }

  private boolean shares(ClusterRun first, ClusterRun other) {
    try {
      switch (joined.share(first.member(), other.member())) {
        case GIVEN ->
            report.good(
                "%shas an intermediate CA below the root of %s"
                    .formatted(other.prefix(), first.member().id()));
        case SHARED -> {}
        case OTHER_TRUST_DOMAIN -> {
          oneRoot = false;
          report.note(
              other.prefix()
                  + "has another trust domain and keeps a root of its own; both have to know it as"
                  + " an alias (docs/multicluster.md)");
        }
      }
      return true;
    } catch (IOException e) {
      different(other, e);
      return false;
    }
  }

  private void different(ClusterRun cluster, IOException e) {
    report.failed(cluster.context(), ExitCode.FINDINGS, "SLV7258", String.valueOf(e.getMessage()));
  }

  /** Has each read the API of each other one. */
  void introduced(List<ClusterRun> going) {
    for (RemoteSecrets.Outcome outcome : joined.exchange(members(going))) {
      if (outcome.failure().isPresent()) {
        report.failed(
            Optional.of(outcome.to()), ExitCode.FINDINGS, "SLV7259", outcome.failure().get());
      } else {
        report.good(
            "%s: has the Secret by which it reads %s".formatted(outcome.to(), outcome.of()));
      }
    }
  }

  /** Looks whether they trust one another and read one another. */
  void checked(List<ClusterRun> going) throws InterruptedException {
    if (oneRoot) {
      report.told(joined.roots(members(going)), Optional.empty());
    }
    for (ClusterRun cluster : going) {
      Check check = joined.reads(cluster.member(), members(going));
      if (check.outcome() == Check.Outcome.FAILED) {
        report.failed(cluster.context(), ExitCode.FINDINGS, "SLV7267", check.text());
      } else {
        report.told(check, cluster.context());
      }
    }
  }

  private static List<JoinedClusters.Member> members(List<ClusterRun> going) {
    return going.stream().map(ClusterRun::member).toList();
  }
}
