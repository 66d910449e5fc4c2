package io.selvage.it.conformance;

import io.selvage.it.istiod.AgentSidecar;
import io.selvage.it.istiod.Istiod;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.istiod.Workload;
import io.selvage.it.istiod.Workload.ServicePort;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An unchanged Envoy, by an unchanged pilot-agent, under an unchanged istiod, through sockets. */
final class IstiodSubject implements Subject {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<Map<String, Object>> SETTINGS = new TypeReference<>() {};

  private final Opened opened = new Opened();
  private final TokenMint mint;
  private final Istiod istiod;
  private final AgentSidecar sidecar;
  private final CaseClient client;
  private final Set<String> namespaces = new HashSet<>(List.of(Stage.NAMESPACE, "istio-system"));
  private final List<JsonNode> own = new ArrayList<>();
  private Map<String, Object> mesh = Map.of();

  /**
   * Starts it.
   *
   * @param folder an empty one that everybody may pass through
   */
  IstiodSubject(Path folder, TokenMint mint) throws Exception {
    this.mint = mint;
    try {
      var network = opened.add(new CaseNetwork(MeshName.of("istiod"), folder));
      opened.add(new Application(network.inServer()));
      opened.add(new Authorizer(network.inClient()));
      istiod = opened.add(Istiod.start(folder.resolve("istiod"), Istiod.Settings.FOR_ANY_ENVOY));
      var workload =
          new Workload(Stage.NAMESPACE, Stage.ACCOUNT, Stage.ACCOUNT, Stage.SERVER, Stage.LABELS);
      istiod.add(
          workload,
          "server",
          List.of(
              new ServicePort("http", 8000, Stage.HTTP_PORT),
              new ServicePort("tcp", 9000, Stage.TCP_PORT),
              new ServicePort("grpc", 8002, Stage.GRPC_PORT)));
      for (JsonNode each : Manifest.read(Stage.RESOURCES)) {
        if (each.path("kind").asString().equals("ServiceEntry")) {
          own.add(each);
        }
      }
      sidecar =
          opened.add(
              AgentSidecar.start(istiod, workload, network.server(), folder.resolve("sidecar")));
      client =
          new CaseClient(network.inClient(), new ClientTls(new CaseAuthority(istiod.authority())));
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public SubjectName name() {
    return SubjectName.ENVOY_ISTIOD;
  }

  @Override
  public Optional<String> cannot(CaseSet set, Case one) {
    if (set.mesh().has("trustDomain") || set.mesh().has("rootNamespace")) {
      return Optional.of("istiod reads trust domain and root namespace when it starts");
    }
    return set.mesh().has("defaultConfig")
        ? Optional.of("Istio's agent reads ProxyConfig when it starts")
        : Optional.empty();
  }

  @Override
  public void apply(CaseSet set) throws Exception {
    Map<String, Object> wanted = JSON.convertValue(ConfiguredSet.mesh(set), SETTINGS);
    if (!wanted.equals(mesh)) {
      istiod.mesh(wanted);
      mesh = wanted;
    }
    List<JsonNode> resources = new ArrayList<>(own);
    for (String each : ConfiguredSet.resources(set, mint)) {
      JsonNode resource = JSON.readTree(each);
      namespace(resource.path("metadata").path("namespace").asString("default"));
      resources.add(resource);
    }
    istiod.replace(resources);
    sidecar.await(istiod.mark());
  }

  private void namespace(String name) throws Exception {
    if (namespaces.add(name)) {
      istiod
          .kube()
          .client()
          .apply(
              "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"%s\"}}"
                  .formatted(name));
    }
  }

  @Override
  public Outcome ask(Case one) throws Exception {
    return client.ask(one.request().withTokens(mint));
  }

  @Override
  public void close() {
    opened.close();
  }
}
