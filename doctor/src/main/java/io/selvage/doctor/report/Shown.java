package io.selvage.doctor.report;

import io.selvage.doctor.Confidence;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The words that all forms of report use for the same thing. */
public final class Shown {
  private Shown() {}

  /** {@code 2 failed, 1 warning, 1 unknown, 3 skipped, 60 passed}. */
  public static String counts(Diagnosis diagnosis) {
    List<String> parts = new ArrayList<>();
    parts.add(diagnosis.count(Status.FAIL) + " failed");
    int warnings = diagnosis.count(Status.WARN);
    parts.add(warnings + (warnings == 1 ? " warning" : " warnings"));
    parts.add(diagnosis.count(Status.UNKNOWN) + " unknown");
    if (diagnosis.ignored() > 0) {
      parts.add(diagnosis.ignored() + " ignored");
    }
    parts.add(diagnosis.count(Status.SKIP) + " skipped");
    parts.add(diagnosis.count(Status.PASS) + " passed");
    return String.join(", ", parts);
  }

  /** {@code Istio 1.28.1, 214 proxies looked at, 25 of them in full}, or why nobody knows. */
  public static String mesh(Diagnosis.Examined cluster) {
    return switch (cluster.reached()) {
      case Look.Unseen<Boolean> unseen -> "not reached: " + unseen.why();
      case Look.Seen<Boolean>(Boolean reached) -> reached ? flavour(cluster) : "not reached";
    };
  }

  private static String flavour(Diagnosis.Examined cluster) {
    return switch (cluster.flavour()) {
      case Look.Unseen<Flavour> unseen -> "mesh unknown: " + unseen.why();
      case Look.Seen<Flavour>(Flavour mesh) ->
          mesh.kind() == Flavour.Kind.NONE
              ? "no mesh was found"
              : name(mesh.kind())
                  + (mesh.version().isEmpty() ? "" : " " + mesh.version())
                  + ", "
                  + cluster.proxies()
                  + (cluster.proxies() == 1 ? " proxy" : " proxies")
                  + " looked at"
                  + (cluster.inFull() < cluster.proxies()
                      ? ", %d of them in full".formatted(cluster.inFull())
                      : "");
    };
  }

  /** As people call it. */
  static String name(Flavour.Kind kind) {
    return switch (kind) {
      case SELVAGE -> "Selvage";
      case ISTIO -> "Istio";
      case ASM -> "Anthos Service Mesh (in-cluster)";
      case ASM_MANAGED -> "Anthos Service Mesh (managed)";
      case LOCAL -> "Selvage on this machine";
      case NONE -> "none";
    };
  }

  /** The command that mends it, or looks further; empty when nothing can be done by a command. */
  public static Optional<String> command(Finding finding) {
    Optional<Fix> fix = finding.result().fix();
    if (fix.isEmpty()) {
      return Optional.empty();
    }
    return fix.map(
        mends ->
            mends instanceof Fix.Command command
                ? command.command()
                : "selvage doctor --fix=%s%s"
                    .formatted(
                        finding.result().code(),
                        finding.result().context().map(name -> " --context " + name).orElse("")));
  }

  /** What {@code --fix} would mean. */
  public static String consent(FixClass fix) {
    return switch (fix) {
      case EXPLAINED -> "";
      case SAFE -> "safe, can be undone";
      case CONSENTED -> "asks first, can be undone";
      case PRINTED -> "yours to run";
    };
  }

  /** What it rests on. */
  public static String confidence(Confidence confidence) {
    return switch (confidence) {
      case PROVED_BY_TRAFFIC -> "proved by traffic";
      case PROVED_BY_CONFIGURATION -> "proved by configuration";
      case INFERRED_FROM_LOGS -> "inferred from logs";
    };
  }

  /** {@code 2026-11-26 09:41 UTC, 2 h 19 min ago}. */
  public static String since(Instant since, Instant now) {
    String at =
        since.truncatedTo(ChronoUnit.MINUTES).toString().replace("T", " ").replace(":00Z", " UTC");
    return at + ", " + span(Duration.between(since, now)) + " ago";
  }

  private static String span(Duration span) {
    if (span.isNegative() || span.toMinutes() < 1) {
      return "less than a minute";
    }
    if (span.toHours() < 1) {
      return span.toMinutes() + " min";
    }
    return span.toDays() < 2
        ? span.toHours() + " h " + span.toMinutesPart() + " min"
        : span.toDays() + " days";
  }

  /** The page of a code, from the repository's root. */
  static String page(String code) {
    return "docs/errors/" + code + ".md";
  }

  /** Where a result belongs: a cluster's name, or the clusters that it is between. */
  public static String place(Result result, Diagnosis diagnosis) {
    return result
        .context()
        .orElseGet(
            () ->
                String.join(
                    ", ", diagnosis.clusters().stream().map(Diagnosis.Examined::context).toList()));
  }
}
