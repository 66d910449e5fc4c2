package io.selvage.cli.mesh;

import io.selvage.ca.SigningState;
import io.selvage.cli.workloads.WorkloadResources;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Service;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.Pem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What holds in a cluster of a mesh on this machine without being in a file, as the objects that
 * Kubernetes would have: the Services that workloads imply, the certificates from which the CA
 * signs, and the roots that are trusted. Keys are never among them.
 */
final class ImpliedObjects {
  private static final String ROOT = "istio-system";

  private ImpliedObjects() {}

  /**
   * All of them.
   *
   * @param isPluggedIn whether the CA was brought by the user
   */
  static List<ObjectNode> of(MeshSnapshot snapshot, SigningState signing, boolean isPluggedIn) {
    List<ObjectNode> all = new ArrayList<>();
    snapshot.all(Service.class).stream()
        .filter(service -> service.meta().at().equals(WorkloadResources.AT))
        .map(ImpliedObjects::service)
        .forEach(all::add);
    all.add(authority(signing, isPluggedIn ? "cacerts" : "istio-ca-secret"));
    ObjectNode roots = object("ConfigMap", ROOT, "istio-ca-root-cert");
    roots.putObject("data").put("root-cert.pem", signing.bundlePem());
    all.add(roots);
    return List.copyOf(all);
  }

  private static ObjectNode service(Service service) {
    ObjectNode object = object("Service", service.meta().namespace(), service.meta().name());
    ObjectNode spec = object.putObject("spec");
    ArrayNode ports = spec.putArray("ports");
    for (Service.Port port : service.ports()) {
      ObjectNode one =
          ports
              .addObject()
              .put("name", port.name())
              .put("port", port.port())
              .put("protocol", port.protocol());
      port.targetPortNumber()
          .ifPresentOrElse(
              number -> one.put("targetPort", number),
              () -> one.put("targetPort", port.targetPort()));
      if (!port.appProtocol().isEmpty()) {
        one.put("appProtocol", port.appProtocol());
      }
    }
    ObjectNode selector = spec.putObject("selector");
    service.selector().forEach(selector::put);
    return object;
  }

  private static ObjectNode authority(SigningState signing, String name) {
    CertificateAuthority authority = signing.authority();
    ObjectNode secret = object("Secret", ROOT, name);
    secret
        .putObject("data")
        .put("ca-cert.pem", base64(Pem.of(authority.credentials().issuer())))
        .put("cert-chain.pem", base64(Pem.of(authority.credentials().chain())))
        .put("root-cert.pem", base64(signing.bundlePem()));
    return secret;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static ObjectNode object(String kind, String namespace, String name) {
    ObjectNode object = JsonMapper.shared().createObjectNode();
    object.put("apiVersion", "v1").put("kind", kind);
    object.putObject("metadata").put("name", name).put("namespace", namespace);
    return object;
  }
}
