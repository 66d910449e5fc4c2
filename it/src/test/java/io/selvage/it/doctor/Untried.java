package io.selvage.it.doctor;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A mesh on which a check is not tried by {@link BreakAndHealTest}, and the reason.
 *
 * @param why one sentence that is true of every such mesh, not of this test alone
 */
record Untried(String code, Set<Patient.Mesh> meshes, String why) {
  Untried {
    meshes = Set.copyOf(meshes);
  }

  /** All. */
  static List<Untried> all() {
    return Stream.of(accessToTokens(), policiesToEdges()).flatMap(List::stream).toList();
  }

  /** SLV0xxx to SLV3xxx, SLV5xxx and SLV6xxx. */
  private static List<Untried> accessToTokens() {
    return List.of();
  }

  /** SLV4xxx and SLV7xxx to SLV9xxx. */
  private static List<Untried> policiesToEdges() {
    return List.of(
        new Untried(
            "SLV9001",
            Set.of(Patient.Mesh.SELVAGE),
            "a gateway of Selvage passes mTLS on and ends no TLS itself, so that no certificate of"
                + " its own can be amiss"));
  }

  /** Their names as they are shown. */
  static String shown(Set<Patient.Mesh> meshes) {
    return meshes.stream()
        .sorted()
        .map(mesh -> mesh.name().charAt(0) + mesh.name().substring(1).toLowerCase(Locale.ROOT))
        .collect(joining(", "));
  }
}
