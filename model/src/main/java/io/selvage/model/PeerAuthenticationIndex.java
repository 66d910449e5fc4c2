package io.selvage.model;

import io.selvage.model.EffectivePeerAuthentication.Scope;
import io.selvage.model.PeerAuthentication.Mode;
import java.util.List;
import java.util.Optional;

/** Decides which of the mesh's PeerAuthentications hold for a port. */
final class PeerAuthenticationIndex {

  private final ResourceIndex resources;
  private final String rootNamespace;

  PeerAuthenticationIndex(ResourceIndex resources, String rootNamespace) {
    this.resources = resources;
    this.rootNamespace = rootNamespace;
  }

  /**
   * The mode of a port: the narrowest scope that sets one. In each scope only the oldest resource
   * counts, whether or not it sets a mode.
   */
  EffectivePeerAuthentication effective(WorkloadView workload, int port) {
    EffectivePeerAuthentication result =
        new EffectivePeerAuthentication(Mode.PERMISSIVE, Scope.DEFAULT, Optional.empty());
    result = narrowed(result, Scope.MESH, namespaceWide(rootNamespace));
    if (workload.namespace().equals(rootNamespace)) {
      return result;
    }
    result = narrowed(result, Scope.NAMESPACE, namespaceWide(workload.namespace()));
    Optional<PeerAuthentication> own = selecting(workload);
    result = narrowed(result, Scope.WORKLOAD, own);
    Mode portMode = own.map(p -> p.portLevel().getOrDefault(port, Mode.UNSET)).orElse(Mode.UNSET);
    return portMode == Mode.UNSET
        ? result
        : new EffectivePeerAuthentication(portMode, Scope.PORT, own);
  }

  private static EffectivePeerAuthentication narrowed(
      EffectivePeerAuthentication wider, Scope scope, Optional<PeerAuthentication> policy) {
    return policy
        .filter(p -> p.mode() != Mode.UNSET)
        .map(p -> new EffectivePeerAuthentication(p.mode(), scope, Optional.of(p)))
        .orElse(wider);
  }

  /** The oldest resource of a namespace that has no selector. */
  Optional<PeerAuthentication> namespaceWide(String namespace) {
    return in(namespace).stream().filter(p -> !p.selectsSome()).findFirst();
  }

  private Optional<PeerAuthentication> selecting(WorkloadView workload) {
    return in(workload.namespace()).stream()
        .filter(p -> p.selectsSome() && p.selector().orElseThrow().matches(workload.labels()))
        .findFirst();
  }

  private List<PeerAuthentication> in(String namespace) {
    return resources.in(namespace, PeerAuthentication.class);
  }
}
