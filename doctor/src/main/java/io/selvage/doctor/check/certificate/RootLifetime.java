package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.CaSecret;
import io.selvage.doctor.mesh.MeshRoots;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** SLV1002: roots, and what signs below them, are valid now and for some time yet. */
public final class RootLifetime {
  private static final Duration SOON = Duration.ofDays(90);
  private static final Duration URGENT = Duration.ofDays(30);
  private static final String EXPIRY = "citadel_server_root_cert_expiry_timestamp";

  private RootLifetime() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1002",
            "the root is valid and does not end soon",
            Set.of(Source.OBJECTS, Source.HANDSHAKE, Source.METRICS),
            FixClass.PRINTED,
            "R3"),
        RootLifetime::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.mesh(cluster, results);
    if (flavour.isEmpty()) {
      return;
    }
    Optional<MeshRoots> roots = MeshRoots.of(cluster, flavour.get()).found();
    if (roots.isEmpty()) {
      byMetric(cluster, flavour.get(), results);
      return;
    }
    List<X509Certificate> all = new ArrayList<>(roots.get().bundle().roots());
    CaSecret.of(cluster, flavour.get().namespace()).stream()
        .flatMap(secret -> Stream.of(secret.signing(), secret.roots()))
        .flatMap(text -> text.certificates().stream())
        .flatMap(List::stream)
        .distinct()
        .filter(one -> !roots.get().bundle().contains(one))
        .filter(one -> one.getBasicConstraints() >= 0) // else it signs nothing: SLV1003
        .forEach(all::add);
    for (X509Certificate one : all) {
      judge(one, roots.get(), cluster, flavour.get(), results);
    }
    if (results.all().isEmpty()) {
      Instant first =
          all.stream()
              .map(one -> one.getNotAfter().toInstant())
              .min(Instant::compareTo)
              .orElseThrow();
      results
          .pass(
              "%d roots and issuers, the first ends in %s"
                  .formatted(all.size(), Shown.duration(Duration.between(cluster.taken(), first))))
          .seen(Shown.fingerprints(roots.get().bundle()), roots.get().source());
    }
  }

  private static void judge(
      X509Certificate one,
      MeshRoots roots,
      ClusterEvidence cluster,
      Flavour flavour,
      Results results) {
    Instant now = cluster.taken();
    Instant until = one.getNotAfter().toInstant();
    Duration left = Duration.between(now, until);
    boolean own = one.getSubjectX500Principal().equals(one.getIssuerX500Principal());
    String what = own || roots.bundle().contains(one) ? "root" : "issuer";
    String shown = Shown.certificate(one);
    boolean retiring =
        left.compareTo(SOON) < 0 && what.equals("root") && isBeingReplaced(roots, now);
    if (one.getNotBefore().toInstant().isAfter(now)) {
      results
          .fail(
              "the %s %s is not valid before %s"
                  .formatted(what, shown, one.getNotBefore().toInstant()))
          .seen(shown, roots.source())
          .cause("a wrong clock where it was made, or here (SLV0004)")
          .effect("nobody accepts a certificate below it yet")
          .next("date -u, here and where the CA runs");
    } else if (left.isNegative()) {
      say(
              retiring,
              "the %s %s expired %s ago".formatted(what, shown, Shown.duration(left)),
              results)
          .seen("not after " + until, roots.source())
          .since(until)
          .cause("it was not rotated in time")
          .effect(
              retiring
                  ? "none: another root is in use"
                  : affected(cluster, "every handshake fails"))
          .next(rotation(flavour))
          .fix(new Fix.Command("bring a new root, in steps", rotation(flavour)));
    } else if (left.compareTo(SOON) < 0) {
      boolean late = left.compareTo(URGENT) < 0;
      say(
              !late || retiring,
              "the %s %s ends in %s".formatted(what, shown, Shown.duration(left)),
              results)
          .seen("not after " + until, roots.source())
          .cause("roots end; this one was not rotated yet")
          .effect(affected(cluster, "from then on every handshake fails"))
          .next(rotation(flavour))
          .fix(new Fix.Command("bring a new root, in steps", rotation(flavour)));
    }
  }

  private static Results.Said say(boolean mild, String what, Results results) {
    return mild ? results.warn(what) : results.fail(what);
  }

  /** Another root that lasts is trusted already. */
  private static boolean isBeingReplaced(MeshRoots roots, Instant now) {
    return roots.bundle().roots().stream()
        .anyMatch(other -> other.getNotAfter().toInstant().isAfter(now.plus(SOON)));
  }

  private static String affected(ClusterEvidence cluster, String what) {
    return cluster
        .proxies()
        .found()
        .map(proxies -> "%s, of %d workloads that trust it".formatted(what, proxies.size()))
        .orElse(what);
  }

  private static String rotation(Flavour flavour) {
    return switch (flavour.kind()) {
      case SELVAGE -> "selvage migrate root start, then switch and finish (docs/migration.md)";
      case LOCAL -> "restart the mesh with a new root: selvage up";
      case ISTIO, ASM ->
          "add the new root to root-cert.pem of the Secret cacerts beside the old one, wait until"
              + " every istio-ca-root-cert has both, then let the new one sign";
      case ASM_MANAGED, NONE -> "Google rotates the roots of Mesh CA; ask support";
    };
  }

  private static void byMetric(ClusterEvidence cluster, Flavour flavour, Results results) {
    Optional<Instant> end =
        cluster.metrics().found().stream()
            .flatMap(List::stream)
            .filter(metric -> metric.name().equals(EXPIRY) && metric.value() > 0)
            .map(metric -> Instant.ofEpochSecond((long) metric.value()))
            .min(Instant::compareTo);
    if (end.isEmpty()) {
      Need.of(MeshRoots.of(cluster, flavour), "the root", results);
      return;
    }
    Duration left = Duration.between(cluster.taken(), end.get());
    String shown = "by the control plane's metrics the root ends in " + Shown.duration(left);
    if (left.compareTo(URGENT) < 0) {
      results
          .fail(left.isNegative() ? "by the control plane's metrics the root has expired" : shown)
          .seen(EXPIRY + " " + end.get(), "the control plane's /metrics")
          .cause("it was not rotated in time")
          .effect("from then on every handshake fails")
          .next(rotation(flavour));
    } else if (left.compareTo(SOON) < 0) {
      results.warn(shown).seen(EXPIRY + " " + end.get(), "/metrics").next(rotation(flavour));
    } else {
      results.pass(shown).seen(EXPIRY + " " + end.get(), "the control plane's /metrics");
    }
  }
}
