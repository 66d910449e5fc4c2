package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.CaSecret;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.MeshRoots;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * SLV1001: which CA signs for the workloads, and that it is one. Told by what the proxies ask; a
 * root's names are a hint only.
 */
public final class AuthorityInUse {
  private static final String MESH_CA_ROOT = "CN=istio_v1_cloud_workload_root-signer";

  private AuthorityInUse() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV1001",
            "one CA signs for all workloads",
            Status.WARN,
            Set.of(Source.OBJECTS, Source.HANDSHAKE),
            FixClass.EXPLAINED,
            List.of("R3"),
            Optional.empty()),
        AuthorityInUse::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty() || Need.all(cluster, Kind.POD, results).isEmpty()) {
      return;
    }
    Map<String, List<PodView>> byAuthority = new TreeMap<>();
    cluster.objects().all(Kind.POD).stream()
        .map(PodView::new)
        .filter(pod -> !pod.isOver() && (pod.hasSidecar() || pod.isGateway()))
        .forEach(
            pod ->
                byAuthority
                    .computeIfAbsent(authority(pod, flavour.get()), _ -> new ArrayList<>())
                    .add(pod));
    String own = ofControlPlane(cluster, flavour.get());
    MeshRoots.waiting(cluster, flavour.get())
        .ifPresent(secret -> waits(secret, flavour.get(), results));
    if (byAuthority.size() > 1) {
      mixed(byAuthority, results);
    } else if (results.all().isEmpty()) {
      results
          .pass(
              "CA: "
                  + byAuthority.keySet().stream()
                      .filter(one -> !one.equals(ControlPlaneCa.NAME))
                      .findFirst()
                      .orElse(own))
          .seen(
              hint(cluster, flavour.get()),
              "CA_ADDR and CA_PROVIDER of the proxies, the CA's Secret");
    }
  }

  /** Stands for whatever CA the control plane itself has. */
  private static final class ControlPlaneCa {
    private static final String NAME = "the control plane's";
  }

  private static void waits(CaSecret secret, Flavour flavour, Results results) {
    boolean ours = flavour.kind() == Flavour.Kind.SELVAGE;
    results
        .warn(
            "the control plane does not sign by the Secret %s/%s, which is there"
                .formatted(flavour.namespace(), secret.secret().name()))
        .about(secret.secret().ref())
        .seen("in the Secret: " + Shown.fingerprints(secret.roots().bundle()), "its roots")
        .cause(
            ours
                ? "it was written lately: Selvage signs by it once all workloads hold its root"
                : "it was written after the control plane started, which reads it once")
        .effect("from then on every certificate is of that CA")
        .next(
            ours
                ? "selvage migrate status; when it is not the right one, delete the Secret"
                : "when it is the right one, have every namespace trust both roots, then: kubectl"
                    + " -n %s rollout restart deployment %s; else delete the Secret"
                        .formatted(
                            flavour.namespace(), flavour.revisions().getFirst().deployment()));
  }

  private static void mixed(Map<String, List<PodView>> byAuthority, Results results) {
    var said = results.warn("workloads ask " + byAuthority.size() + " different CAs");
    byAuthority.forEach(
        (authority, pods) ->
            said.seen(
                "%s: %d proxies, such as %s"
                    .formatted(authority, pods.size(), pods.getFirst().qualified()),
                "CA_ADDR and CA_PROVIDER of the proxies"));
    said.cause("a migration between CAs that is not over, or another injector's values")
        .effect("workloads of different roots refuse each other unless both roots are everywhere")
        .next("restart the workloads that were injected before the change");
  }

  /** Which CA a proxy asks, by its environment. */
  private static String authority(PodView pod, Flavour flavour) {
    String provider = environment(pod, "CA_PROVIDER");
    String address = environment(pod, "CA_ADDR");
    if (provider.equals("GoogleCAS") || address.contains("privateca")) {
      return "Certificate Authority Service";
    }
    if (provider.equals("GoogleCA") || address.contains("meshca.googleapis.com")) {
      return "Mesh CA";
    }
    if (address.contains("istio-csr")) {
      return "istio-csr (" + address + ")";
    }
    boolean own =
        address.isEmpty()
            || flavour.revisions().stream().anyMatch(one -> address.startsWith(one.service()))
            || address.startsWith("istiod")
            || address.startsWith("selvage");
    return own ? ControlPlaneCa.NAME : address;
  }

  private static String environment(PodView pod, String variable) {
    return pod.containers()
        .filter(one -> one.path("name").asString("").equals("istio-proxy"))
        .flatMap(one -> one.path("env").valueStream())
        .filter(one -> one.path("name").asString("").equals(variable))
        .map(AuthorityInUse::value)
        .reduce("", (_, last) -> last); // the last of a name is the one that holds
  }

  private static String value(JsonNode variable) {
    return variable.path("value").asString("");
  }

  private static String ofControlPlane(ClusterEvidence cluster, Flavour flavour) {
    String who = flavour.kind() == Flavour.Kind.SELVAGE ? "selvage" : "istiod";
    Optional<String> external =
        ControlPlane.of(cluster, flavour).stream()
            .flatMap(plane -> plane.environment("EXTERNAL_CA").stream())
            .findFirst();
    if (external.isPresent()) {
      return who + " passing on to " + external.get();
    }
    return CaSecret.of(cluster, flavour.namespace())
        .map(
            secret ->
                secret.isPluggedIn()
                    ? who + ", plugged in by the Secret " + CaSecret.PLUGGED_IN
                    : who + ", with a root of its own (Secret " + CaSecret.SELF_SIGNED + ")")
        .orElse(who);
  }

  private static String hint(ClusterEvidence cluster, Flavour flavour) {
    return MeshRoots.of(cluster, flavour)
        .found()
        .flatMap(roots -> roots.bundle().roots().stream().findFirst())
        .map(root -> "root " + Shown.certificate(root) + hint(root, flavour))
        .orElse("no root was seen");
  }

  private static String hint(X509Certificate root, Flavour flavour) {
    String subject = root.getSubjectX500Principal().getName();
    if (subject.contains(MESH_CA_ROOT)) {
      return ", named as Mesh CA names its roots";
    }
    return !flavour.trustDomain().isEmpty() && subject.contains("O=" + flavour.trustDomain())
        ? ", named as istiod and Selvage name a root of their own"
        : "";
  }
}
