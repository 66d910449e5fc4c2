package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Sidecar;
import io.selvage.policy.IstioTranslation.Protocol;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What control planes differ in, so that nothing can be told of a workload without knowing which
 * one it has, and how that is set.
 */
final class OtherSettings {
  private OtherSettings() {}

  /**
   * Istio denies what the CUSTOM policies of a workload match that has several providers, unless
   * its control plane was started to ask each of them.
   */
  static Optional<String> severalAuthorizers(List<AuthorizationPolicy> policies) {
    Set<String> providers =
        policies.stream()
            .filter(policy -> policy.action() == Action.CUSTOM)
            .map(policy -> policy.provider().orElse(""))
            .collect(Collectors.toCollection(TreeSet::new));
    return providers.size() < 2
        ? Optional.empty()
        : Optional.of(
            "it has several external authorizers (%s): all that they are for is denied, unless"
                    .formatted(String.join(", ", providers))
                + " PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS at istiod, which is not read, has"
                + " each asked");
  }

  /**
   * With {@code Sidecar.ingress} istiod makes listeners for its ports alone and goes by their
   * protocols; Selvage's control plane goes by services.
   */
  static Optional<String> ingress(MeshSnapshot snapshot, ProvedWorkload workload) {
    Optional<Sidecar> sidecar =
        snapshot.sidecarFor(workload.view()).filter(one -> !one.ingress().isEmpty());
    if (sidecar.isEmpty()) {
      return Optional.empty();
    }
    Set<Integer> numbers = new TreeSet<>();
    workload.ports().forEach(port -> numbers.add(port.number()));
    sidecar.get().ingress().forEach(port -> numbers.add(port.number()));
    return numbers.stream()
        .filter(
            number ->
                !MeshSide.protocols(workload, number).equals(protocols(sidecar.get(), number)))
        .findFirst()
        .map(
            number ->
                "Sidecar %s (%s) has ingress, by which port %d speaks something else than by its"
                        .formatted(
                            sidecar.get().meta().qualifiedName(), sidecar.get().meta().at(), number)
                    + " Service: Istio goes by the first, Selvage by the second");
  }

  private static Set<Protocol> protocols(Sidecar sidecar, int number) {
    return sidecar.ingress().stream()
        .filter(port -> port.number() == number)
        .findFirst()
        .map(port -> MeshSide.protocols(port.protocol()))
        .orElse(EnumSet.allOf(Protocol.class));
  }
}
