package io.selvage.it.doctor;

import io.selvage.it.cluster.Kubectl;
import io.selvage.it.cluster.SharedRoot;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** Every way of breaking a mesh of two clusters that is tried. */
final class PairBreakages {
  private static final String ROOT = "istio-system";
  private static final String GATEWAYS = "gateways.networking.istio.io";
  private static final String NETWORK = "topology.istio.io/network";

  private PairBreakages() {}

  /** All, in the order in which they are tried. */
  static List<PairBreakage> all() {
    return List.of(
        noGateway(),
        noAddress(),
        noLabel(),
        written(
            "SLV8005",
            "a policy that is written to one cluster only",
            TransportBreakages.denyAdmin()),
        PairBreakage.of(
            "SLV8006",
            "a namespace that is one team's here and another's there",
            pair -> {
              label(pair.east(), "team=blue");
              label(pair.west(), "team=red");
            },
            pair -> {
              label(pair.east(), "team-");
              label(pair.west(), "team-");
            }),
        noSecret(),
        secret("a Secret whose token has ended", text -> text.replaceAll("eyJ[\\w.-]+", ended())),
        trustDomain(),
        otherRoot(),
        secret(
                "a Secret with an address where nobody answers",
                text -> text.replace(":6443", ":6444"))
            .on(Patient.Mesh.SELVAGE));
  }

  private static PairBreakage written(String code, String what, String objects) {
    return PairBreakage.of(
        code, what, pair -> pair.east().apply(objects), pair -> pair.east().delete(objects));
  }

  private static PairBreakage noGateway() {
    Changed gateway = new Changed(GATEWAYS, "-n", ROOT, "cross-network-gateway");
    return PairBreakage.of(
        "SLV8003",
        "a network without a Gateway for others",
        pair -> gateway.remove(pair.west()),
        pair -> gateway.restore(pair.west()));
  }

  private static PairBreakage noAddress() {
    Changed service = new Changed("service", "-n", ROOT, "istio-eastwestgateway");
    return PairBreakage.of(
            "SLV8003",
            "a gateway whose load balancer gives no address",
            pair ->
                service.change(
                    pair.west(), json -> json.withObject("/spec").put("type", "ClusterIP")),
            pair -> {
              service.restore(pair.west());
              pair.assignLoadBalancer();
            })
        .with("SLV8004");
  }

  private static PairBreakage noLabel() {
    Changed service = new Changed("service", "-n", ROOT, "istio-eastwestgateway");
    return PairBreakage.of(
            "SLV8003",
            "a gateway whose Service does not say of which network it is",
            pair ->
                service.change(
                    pair.west(), json -> json.withObject("/metadata/labels").remove(NETWORK)),
            pair -> service.restore(pair.west()))
        .with("SLV8004");
  }

  private static PairBreakage noSecret() {
    Changed secret = new Changed("secret", "-n", ROOT, "istio-remote-secret-west");
    return PairBreakage.of(
            "SLV8004",
            "a cluster that has no Secret for the other",
            pair -> secret.remove(pair.east()),
            pair -> secret.restore(pair.east()))
        .with("SLV8002");
  }

  private static PairBreakage secret(String what, UnaryOperator<String> kubeconfig) {
    Changed secret = new Changed("secret", "-n", ROOT, "istio-remote-secret-west");
    return PairBreakage.of(
        "SLV8002",
        what,
        pair ->
            secret.change(
                pair.east(),
                json -> {
                  ObjectNode data = json.withObject("/data");
                  String text = decoded(data.path("west").asString());
                  data.put("west", encoded(kubeconfig.apply(text)));
                }),
        pair -> secret.restore(pair.east()));
  }

  /** A token of the year 2020; who signed it does not matter any more. */
  private static String ended() {
    Base64.Encoder part = Base64.getUrlEncoder().withoutPadding();
    return part.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8))
        + "."
        + part.encodeToString("{\"exp\":1580000000}".getBytes(StandardCharsets.UTF_8))
        + "."
        + part.encodeToString("signed".getBytes(StandardCharsets.UTF_8));
  }

  private static PairBreakage trustDomain() {
    Changed settings = new Changed("configmap", "-n", ROOT, "istio");
    return PairBreakage.of(
            "SLV8007",
            "a trust domain that was renamed in one cluster and is nobody's alias",
            pair ->
                settings.change(
                    pair.west(),
                    json -> {
                      ObjectNode data = json.withObject("/data");
                      data.put(
                          "mesh",
                          data.path("mesh")
                              .asString()
                              .replace("trustDomain: cluster.local", "trustDomain: west.example"));
                    }),
            pair -> settings.restore(pair.west()))
        .with("SLV1009");
  }

  private static PairBreakage otherRoot() {
    Changed secret = new Changed("secret", "-n", ROOT, "cacerts");
    return PairBreakage.of(
        "SLV8001",
        "a cluster whose CA was replaced by one of another root",
        pair -> {
          secret.change(pair.west(), json -> json.set("data", new SharedRoot().data()));
          pair.startWestAnew();
        },
        pair -> {
          secret.restore(pair.west());
          pair.startWestAnew();
        });
  }

  private static void label(Kubectl kubectl, String label) {
    kubectl.run("label", "namespace", Patient.SAMPLE, label).well();
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
