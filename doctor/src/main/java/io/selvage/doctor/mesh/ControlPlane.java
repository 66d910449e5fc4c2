package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Flavour.Revision;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One revision of a mesh's control plane, as it runs in a cluster.
 *
 * @param flavour the mesh it is of
 */
public record ControlPlane(ClusterEvidence cluster, Flavour flavour, Revision revision) {
  /** All revisions that have a Deployment here; none for one that others run. */
  public static List<ControlPlane> of(ClusterEvidence cluster, Flavour flavour) {
    return flavour.revisions().stream()
        .map(revision -> new ControlPlane(cluster, flavour, revision))
        .filter(plane -> !plane.revision().deployment().isEmpty())
        .toList();
  }

  /** As people call it: {@code istiod} or {@code istiod-1-28}. */
  public String name() {
    return revision.deployment();
  }

  /** Its Deployment; empty when it is not there, or was not seen. */
  public Optional<ApiObject> deployment() {
    return cluster.objects().find(Kind.DEPLOYMENT, flavour.namespace(), revision.deployment());
  }

  /** Its release: as its Pods say ({@code istio_build}), else as its image's tag has it. */
  public Optional<Version> version() {
    List<String> names = pods().stream().map(ApiObject::name).toList();
    return cluster.metrics().found().orElse(List.of()).stream()
        .filter(metric -> metric.name().equals("istio_build") && names.contains(metric.pod()))
        .flatMap(metric -> Version.in(metric.labels().getOrDefault("tag", "")).stream())
        .findFirst()
        .or(
            () ->
                deployment()
                    .map(found -> found.text("/spec/template/spec/containers/0/image"))
                    .filter(image -> image.lastIndexOf(':') > image.lastIndexOf('/'))
                    .flatMap(image -> Version.in(image.substring(image.lastIndexOf(':') + 1))));
  }

  /** Its ServiceAccount: the Deployment's own word, since names differ between versions. */
  public Optional<String> serviceAccount() {
    return deployment()
        .map(
            found -> {
              String written = found.text("/spec/template/spec/serviceAccountName");
              return written.isEmpty() ? "default" : written;
            })
        .or(revision::serviceAccount);
  }

  /** As RBAC calls that ServiceAccount. */
  public Optional<String> user() {
    return serviceAccount()
        .map(account -> "system:serviceaccount:" + flavour.namespace() + ":" + account);
  }

  /** Its Pods, by the Deployment's selector; without a Deployment by the beginning of the name. */
  public List<ApiObject> pods() {
    Optional<LabelSelector> selector =
        deployment().map(found -> new LabelSelector(found.at("/spec/selector")));
    return cluster.objects().all(Kind.POD).stream()
        .filter(pod -> pod.namespace().equals(flavour.namespace()))
        .filter(
            pod ->
                selector
                    .map(found -> found.matches(pod.labels()))
                    .orElse(pod.name().startsWith(revision.deployment() + "-")))
        .toList();
  }

  /** The value of a variable of its container's environment; empty when it is not written. */
  public Optional<String> environment(String variable) {
    return deployment()
        .flatMap(
            found ->
                found
                    .at("/spec/template/spec/containers")
                    .valueStream()
                    .flatMap(container -> container.path("env").valueStream())
                    .filter(one -> one.path("name").asString("").equals(variable))
                    .map(one -> one.path("value").asString(""))
                    .filter(value -> !value.isEmpty())
                    .findFirst());
  }

  /** Handshakes that were made with its Pods. */
  public List<Handshake> handshakes(Handshake.Purpose purpose) {
    List<String> names = pods().stream().map(ApiObject::name).toList();
    return cluster.handshakes().found().orElse(List.of()).stream()
        .filter(one -> one.target().purpose() == purpose)
        .filter(one -> one.target().namespace().equals(flavour.namespace()))
        .filter(
            one ->
                names.contains(one.target().name())
                    || one.target().name().startsWith(revision.deployment() + "-"))
        .toList();
  }

  /** Whether its Pods have those labels, as a Service selects them. */
  public boolean isSelectedBy(Map<String, String> selector) {
    return !selector.isEmpty()
        && pods().stream()
            .anyMatch(
                pod ->
                    selector.entrySet().stream()
                        .allMatch(one -> one.getValue().equals(pod.labels().get(one.getKey()))));
  }
}
