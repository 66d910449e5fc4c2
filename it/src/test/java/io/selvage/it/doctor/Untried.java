package io.selvage.it.doctor;

import static io.selvage.it.doctor.Patient.Mesh.ISTIO;
import static io.selvage.it.doctor.Patient.Mesh.SELVAGE;
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
    return List.of(
        new Untried(
            "SLV0006",
            Set.of(ISTIO, SELVAGE),
            "the control planes here are built without a version, so that nothing can be compared"),
        new Untried(
            "SLV1005",
            Set.of(SELVAGE),
            "its sidecars hold the CA's certificates alone, and another CA is trusted everywhere"
                + " before it signs"),
        new Untried(
            "SLV1006",
            Set.of(SELVAGE),
            "its CA knows a Pod's token by itself, and has nothing to refuse an injected one by"),
        new Untried(
            "SLV1010",
            Set.of(SELVAGE),
            "its CA knows a fresh token by itself, without the right that istiod can be deprived"
                + " of"),
        new Untried(
            "SLV1007",
            Set.of(SELVAGE),
            "its sidecars mount no certificates, and the CA's hold for a day: one is late after"
                + " hours without a CA"),
        new Untried(
            "SLV1008",
            Set.of(SELVAGE),
            "its sidecars mount no certificates, and its CA takes the name from the token"),
        new Untried(
            "SLV2005",
            Set.of(SELVAGE),
            "it has no EnvoyFilter: its proxies take what PeerAuthentication says, or have not got"
                + " it yet (SLV7001)"),
        new Untried(
            "SLV2007",
            Set.of(SELVAGE),
            "its sidecars show the CA's certificates alone, and set the header themselves"),
        new Untried(
            "SLV2008",
            Set.of(SELVAGE),
            "its sidecars have no setting by which a caller's header is passed on"),
        new Untried(
            "SLV2009",
            Set.of(SELVAGE),
            "it has no gateway for the outside, and nothing makes its sidecars take TLS 1.1"),
        new Untried(
            "SLV2010",
            Set.of(ISTIO),
            "requests are counted by a filter of Istio's own build of Envoy, which the Envoy here"
                + " has not"),
        new Untried(
            "SLV5001",
            Set.of(SELVAGE),
            "it has no setting for it: it asks the API server for its issuer and keys"),
        new Untried(
            "SLV5002",
            Set.of(SELVAGE),
            "its injector writes the token's volume itself, whatever the Pod has under that name"),
        new Untried(
            "SLV5003",
            Set.of(ISTIO, SELVAGE),
            "the API server would have to sign by a key that it does not publish, and then no Pod"
                + " of the cluster works"),
        new Untried(
            "SLV6004", Set.of(ISTIO, SELVAGE), "only Anthos Service Mesh has a service agent"),
        new Untried(
            "SLV6005",
            Set.of(ISTIO, SELVAGE),
            "only Anthos Service Mesh has a fleet that reports conditions"));
  }

  /** SLV4xxx and SLV7xxx to SLV9xxx. */
  private static List<Untried> policiesToEdges() {
    return List.of(
        new Untried(
            "SLV9003",
            Set.of(ISTIO),
            "requests are counted by a filter of Istio's own build of Envoy, which the Envoy here"
                + " has not"),
        new Untried(
            "SLV9001",
            Set.of(SELVAGE),
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
