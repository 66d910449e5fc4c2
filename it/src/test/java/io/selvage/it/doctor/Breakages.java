package io.selvage.it.doctor;

import java.util.List;
import java.util.stream.Stream;

/** Every way of breaking a mesh that is tried. */
final class Breakages {
  private Breakages() {}

  /** All, in the order in which they are tried. */
  static List<Breakage> all() {
    return Stream.of(
            ControlPlaneBreakages.first(),
            AccessBreakages.all(),
            TrustBreakages.all(),
            PolicyBreakages.all(),
            TransportBreakages.all(),
            InjectionBreakages.all(),
            WorkloadBreakages.all(),
            DistributionBreakages.all(),
            ControlPlaneBreakages.last())
        .flatMap(List::stream)
        .toList();
  }

  /** Those for one mesh. */
  static Stream<Breakage> on(Patient.Mesh mesh) {
    return all().stream().filter(one -> one.meshes().contains(mesh));
  }
}
