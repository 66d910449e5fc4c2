package io.selvage.it.doctor;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A check that is seen to fail on real meshes by another test than {@link BreakAndHealTest}.
 *
 * @param how the mesh is broken, or what the doctor is sent to
 * @param test the class that does it
 */
record Elsewhere(String code, Set<Patient.Mesh> meshes, String how, Class<?> test) {
  Elsewhere {
    meshes = Set.copyOf(meshes);
  }

  /** All. */
  static List<Elsewhere> all() {
    return Stream.of(accessToTokens(), policiesToEdges()).flatMap(List::stream).toList();
  }

  /** SLV0xxx to SLV3xxx, SLV5xxx and SLV6xxx. */
  private static List<Elsewhere> accessToTokens() {
    return List.of(
        both("SLV0003", "a cluster where no mesh is installed yet", FreshInstallTest.class),
        both(
            "SLV2001",
            "a port that is taken out of capture answers plaintext",
            ProbesAndFixesTest.class),
        both("SLV2002", "a Service where nobody listens", ProbesAndFixesTest.class),
        new Elsewhere(
            "SLV2007",
            Set.of(Patient.Mesh.ISTIO),
            "a caller that mounts another workload's certificate",
            ProbesAndFixesTest.class),
        new Elsewhere(
            "SLV2008",
            Set.of(Patient.Mesh.ISTIO),
            "an EnvoyFilter by which proxies pass on what callers say of themselves",
            ProbesAndFixesTest.class),
        new Elsewhere(
            "SLV1010",
            Set.of(Patient.Mesh.ISTIO),
            "a CA that may not have tokens reviewed",
            ProbesAndFixesTest.class),
        both(
            "SLV3004",
            "a Service that leads the webhooks' calls to a port where nobody listens",
            ProbesAndFixesTest.class));
  }

  /** SLV4xxx and SLV7xxx to SLV9xxx. */
  private static List<Elsewhere> policiesToEdges() {
    return Stream.concat(
            Stream.of(
                both(
                    "SLV4001",
                    "a cluster that makes a trial of every policy",
                    ProbesAndFixesTest.class),
                both(
                    "SLV4002",
                    "a policy of the whole mesh that denies what another allows",
                    ProbesAndFixesTest.class)),
            PairBreakages.all().stream()
                .map(
                    one ->
                        new Elsewhere(one.code(), one.meshes(), one.what(), TwoClustersTest.class)))
        .toList();
  }

  private static Elsewhere both(String code, String how, Class<?> test) {
    return new Elsewhere(code, EnumSet.allOf(Patient.Mesh.class), how, test);
  }
}
