package io.selvage.doctor.check.edge;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Version;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Words;
import io.selvage.model.DestinationRule;
import io.selvage.model.DestinationRule.ClientTls;
import io.selvage.model.DestinationRule.TlsMode;
import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import io.selvage.model.ServiceEntry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What leaves the mesh: whether servers outside are verified, and how much of the outside is let
 * in.
 */
public final class Egress {
  /** TLS to servers outside is verified. */
  public static final Check VERIFIED =
      new Check.OfCluster(
          new CheckInfo(
              "SLV9002",
              "TLS to servers outside of the mesh is verified",
              Status.FAIL,
              Set.of(Source.OBJECTS),
              FixClass.PRINTED,
              List.of(),
              Optional.of("IST0128")),
          Egress::verified);

  /** No ServiceEntry is for the whole internet. */
  public static final Check NARROW =
      new Check.OfCluster(
          new CheckInfo(
              "SLV9004",
              "no ServiceEntry opens the whole internet",
              Status.WARN,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of(),
              Optional.empty()),
          Egress::narrow);

  /** From here on, Istio verifies by the machine's own roots where no others are named. */
  private static final Version VERIFIES = new Version(1, 21);

  private Egress() {}

  private static void verified(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.DESTINATION_RULE)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.DESTINATION_RULE);
    int looked = 0;
    for (DestinationRule rule : mesh.snapshot().all(DestinationRule.class)) {
      List<ClientTls> all =
          tls(rule)
              .filter(tls -> tls.mode() == TlsMode.SIMPLE || tls.mode() == TlsMode.MUTUAL)
              .toList();
      looked += all.size();
      all.stream()
          .filter(tls -> !isVerified(cluster, tls))
          .findFirst()
          .ifPresent(tls -> tell(rule, tls, results));
    }
    if (results.isFine()) {
      results.pass(
          looked == 0
              ? "no DestinationRule opens TLS of its own"
              : "%s of DestinationRules verify the server"
                  .formatted(Words.count(looked, "setting")));
    }
  }

  private static Stream<ClientTls> tls(DestinationRule rule) {
    return Stream.concat(
            rule.trafficPolicy().stream(),
            rule.subsets().stream().flatMap(subset -> subset.trafficPolicy().stream()))
        .flatMap(policy -> Stream.concat(Stream.of(policy), policy.portLevel().values().stream()))
        .flatMap(policy -> policy.tls().stream());
  }

  private static boolean isVerified(ClusterEvidence cluster, ClientTls tls) {
    boolean named = tls.caCertificates().isPresent() || tls.credentialName().isPresent();
    boolean byDefault =
        cluster
            .flavour()
            .found()
            .map(
                flavour ->
                    flavour.kind() == Flavour.Kind.SELVAGE
                        || flavour.kind() == Flavour.Kind.LOCAL
                        || Version.in(flavour.version())
                            .map(version -> version.compareTo(VERIFIES) >= 0)
                            .orElse(true))
            .orElse(true);
    return !tls.insecureSkipVerify().orElse(false) && (named || byDefault);
  }

  private static void tell(DestinationRule rule, ClientTls tls, Results results) {
    ObjectRef ref = new ObjectRef("DestinationRule", rule.meta().namespace(), rule.meta().name());
    boolean told = tls.insecureSkipVerify().orElse(false);
    results
        .fail("%s opens TLS to %s and does not verify who answers".formatted(ref, rule.host()))
        .about(ref)
        .seen(
            "tls.mode %s, %s"
                .formatted(
                    tls.mode(), told ? "insecureSkipVerify: true" : "without caCertificates"),
            "GET " + ref)
        .cause(
            told ? "it says so" : "this release of Istio verifies nothing without caCertificates")
        .effect("anybody between can answer in the server's place, read and change")
        .next(
            told
                ? "take insecureSkipVerify out; for a private CA name caCertificates"
                : "set caCertificates (system for the machine's own roots) and subjectAltNames")
        .fix(
            new Fix.Command(
                "verify the servers of %s".formatted(rule.host()),
                "kubectl -n %s edit destinationrule %s"
                    .formatted(rule.meta().namespace(), rule.meta().name())));
  }

  private static void narrow(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.SERVICE_ENTRY) || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.SERVICE_ENTRY);
    boolean open = mesh.settings().outboundTrafficPolicy() == OutboundTrafficPolicy.ALLOW_ANY;
    List<ServiceEntry> entries = mesh.snapshot().serviceEntriesByOwnership();
    for (ServiceEntry entry : entries) {
      List<String> wide =
          Stream.concat(
                  entry.hosts().stream().filter(Egress::isWide),
                  entry.addresses().stream().filter(Egress::isEverywhere))
              .toList();
      if (entry.location() == ServiceEntry.Location.MESH_EXTERNAL && !wide.isEmpty()) {
        ObjectRef ref =
            new ObjectRef("ServiceEntry", entry.meta().namespace(), entry.meta().name());
        results
            .warn("%s is for %s".formatted(ref, Words.some(wide)))
            .about(ref)
            .seen(
                "hosts %s, addresses %s".formatted(entry.hosts(), entry.addresses()), "GET " + ref)
            .effect(
                open
                    ? "REGISTRY_ONLY would not hold anything back"
                    : "REGISTRY_ONLY holds nothing back: workloads may send anything anywhere")
            .next("name the hosts that are needed");
      }
    }
    if (results.isFine()) {
      results.pass(
          open
              ? "no ServiceEntry is for everything; the mesh's outboundTrafficPolicy is ALLOW_ANY,"
                  + " so workloads may call any address"
              : "%s for named hosts".formatted(Words.count(entries.size(), "ServiceEntry object")));
    }
  }

  /** {@code *}, or all names below one ending. */
  private static boolean isWide(String host) {
    return host.equals("*") || (host.startsWith("*.") && host.indexOf('.', 2) < 0);
  }

  private static boolean isEverywhere(String address) {
    return address.endsWith("/0");
  }
}
