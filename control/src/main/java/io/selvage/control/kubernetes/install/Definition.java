package io.selvage.control.kubernetes.install;

import io.selvage.control.kubernetes.install.ManifestObject.Kept;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A kind of Istio's that the control plane reads, and its CustomResourceDefinition of our own:
 * under Istio's names, so that existing YAML, {@code kubectl} and an Istio that comes later fit. A
 * spec has no schema: one reader judges it, when it is applied (validating webhook) as well as when
 * it is read.
 *
 * @param reference the page of Istio's reference
 * @param columns what {@code kubectl get} shows beside name, acceptance and age
 */
public record Definition(
    Group api, Names names, String description, String reference, List<Column> columns) {
  /** Policies. */
  static final Group SECURITY =
      new Group("security.istio.io", "security-istio-io", List.of("v1", "v1beta1"));

  /** What traffic goes by. */
  static final Group NETWORKING =
      new Group("networking.istio.io", "networking-istio-io", List.of("v1", "v1beta1", "v1alpha3"));

  /** All of them. */
  public static final List<Definition> ALL =
      List.of(
          new Definition(
              SECURITY,
              new Names(
                  "AuthorizationPolicy",
                  "authorizationpolicies",
                  "authorizationpolicy",
                  List.of("ap")),
              "Who may reach workloads, and how.",
              "security/authorization-policy/",
              List.of(column("Action", ".spec.action", "What becomes of a request that matches."))),
          new Definition(
              SECURITY,
              new Names(
                  "PeerAuthentication", "peerauthentications", "peerauthentication", List.of("pa")),
              "Whether workloads take mutual TLS, plaintext or both.",
              "security/peer_authentication/",
              List.of(column("Mode", ".spec.mtls.mode", "Of mutual TLS."))),
          new Definition(
              SECURITY,
              new Names(
                  "RequestAuthentication",
                  "requestauthentications",
                  "requestauthentication",
                  List.of("ra")),
              "Whose tokens (JWT) workloads accept.",
              "security/request_authentication/",
              List.of()),
          new Definition(
              NETWORKING,
              new Names("DestinationRule", "destinationrules", "destinationrule", List.of("dr")),
              "How workloads connect to a service.",
              "networking/destination-rule/",
              List.of(column("Host", ".spec.host", "The service's name."))),
          new Definition(
              NETWORKING,
              new Names("ServiceEntry", "serviceentries", "serviceentry", List.of("se")),
              "A service that Kubernetes does not know.",
              "networking/service-entry/",
              List.of(
                  column("Hosts", ".spec.hosts", "Its names."),
                  column("Location", ".spec.location", "Inside or outside of the mesh."),
                  column("Resolution", ".spec.resolution", "How its endpoints are found."))),
          new Definition(
              NETWORKING,
              new Names("WorkloadEntry", "workloadentries", "workloadentry", List.of("we")),
              "A workload that is no Pod.",
              "networking/workload-entry/",
              List.of(column("Address", ".spec.address", "Where it is."))),
          new Definition(
              NETWORKING,
              new Names("Gateway", "gateways", "gateway", List.of("gw")),
              "What gateways serve at the edge of a network.",
              "networking/gateway/",
              List.of()),
          new Definition(
              NETWORKING,
              new Names("Sidecar", "sidecars", "sidecar", List.of()),
              "What the proxies of workloads are told of the mesh.",
              "networking/sidecar/",
              List.of()));

  /**
   * One of Istio's API groups.
   *
   * @param category under which {@code kubectl get} lists its kinds
   * @param versions that are served, the stored one first
   */
  record Group(String name, String category, List<String> versions) {
    Group {
      versions = List.copyOf(versions);
    }
  }

  /** What the kind is called. */
  record Names(String kind, String plural, String singular, List<String> shortNames) {
    Names {
      shortNames = List.copyOf(shortNames);
    }
  }

  /** What {@code kubectl get} shows. */
  record Column(String name, String jsonPath, String type, String description) {}

  public Definition {
    columns = List.copyOf(columns);
  }

  private static Column column(String name, String jsonPath, String description) {
    return new Column(name, jsonPath, "string", description);
  }

  /** The kind. */
  public String kind() {
    return names.kind();
  }

  /** The API group. */
  public String group() {
    return api.name();
  }

  /**
   * Whether one is not changed while no control plane can judge it: policies, and DestinationRules,
   * by which a client speaks plaintext if one cannot be read.
   */
  boolean waits() {
    return api.equals(SECURITY) || names.kind().equals("DestinationRule");
  }

  /** The plural. */
  public String plural() {
    return names.plural();
  }

  /** The versions that it is served in. */
  public List<String> versions() {
    return api.versions();
  }

  /** The CustomResourceDefinition. */
  ManifestObject object() {
    JsonNode content =
        Template.fill(
                "definition.yaml",
                Map.of(
                    "group", group(),
                    "category", api.category(),
                    "kind", names.kind(),
                    "plural", names.plural(),
                    "singular", names.singular(),
                    "shortNames", names.shortNames(),
                    "versions", api.versions().stream().map(this::version).toList()))
            .getFirst();
    return ManifestObject.labelled(content, Kept.APPLIED_IF_OURS, Map.of());
  }

  private JsonNode version(String version) {
    List<Column> shown = new ArrayList<>(columns);
    shown.add(
        column(
            "Accepted",
            ".status.conditions[?(@.type==\"Accepted\")].status",
            "Whether the control plane accepts it."));
    shown.add(new Column("Age", ".metadata.creationTimestamp", "date", "Since when it is there."));
    return Template.fill(
            "definition-version.yaml",
            Map.of(
                "version", version,
                "storage", version.equals(api.versions().getFirst()),
                "columns", shown,
                "description", description,
                "reference", reference))
        .getFirst();
  }
}
