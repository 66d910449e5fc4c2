package io.selvage.it.conformance;

import io.selvage.it.stage.Until;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication.Mode;
import java.net.ConnectException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * Waits until a proxy answers under a set, whatever the answer is: each set has its own name in
 * {@code server}, which every answer bears, and the listener takes effect as a whole.
 */
final class Probe {
  private Probe() {}

  /** Puts the name into MeshConfig ({@code defaultConfig.proxyHeaders.server.value}). */
  static void name(ObjectNode mesh, String name) {
    mesh.withObject("/defaultConfig/proxyHeaders/server").put("value", name);
  }

  /**
   * Asks until an answer bears the name.
   *
   * @param trouble what the proxy has refused, if it has
   */
  static void await(
      CaseClient client, MeshSnapshot mesh, String name, Supplier<Optional<String>> trouble)
      throws Exception {
    Request question = question(mesh);
    Until.seen(
        "the proxy answers as " + name,
        () -> {
          Optional<String> refused = trouble.get();
          if (refused.isPresent()) {
            throw new IllegalStateException("the proxy refuses it: " + refused.get());
          }
          return said(client, question);
        },
        name::equals);
  }

  private static String said(CaseClient client, Request question) throws Exception {
    try {
      return client.ask(question) instanceof Outcome.Answered answered
          ? answered.server().orElse("")
          : "";
    } catch (ConnectException e) {
      return "nobody yet";
    }
  }

  private static Request question(MeshSnapshot mesh) {
    Mode mode = mesh.effectivePeerAuthentication(Stage.WORKLOAD, Stage.HTTP_PORT).mode();
    String identity = mesh.meshConfig().trustDomain() + "/ns/probe/sa/probe";
    return new Request(
        mode == Mode.STRICT ? Optional.of(identity) : Optional.empty(),
        Request.Certificate.VALID,
        Optional.empty(),
        Optional.empty(),
        Stage.HTTP_PORT,
        Request.Protocol.HTTP1,
        "GET",
        "/probe",
        Stage.HOST,
        List.of(),
        Optional.empty(),
        List.of(),
        Stage.CLIENT,
        Optional.empty(),
        Optional.empty());
  }
}
