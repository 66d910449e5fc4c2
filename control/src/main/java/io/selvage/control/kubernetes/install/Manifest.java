package io.selvage.control.kubernetes.install;

import io.selvage.control.kubernetes.access.Permission;
import io.selvage.control.kubernetes.inject.ClusterYaml;
import io.selvage.control.kubernetes.inject.InjectionSelectors;
import io.selvage.control.kubernetes.inject.LabelSelector;
import io.selvage.control.kubernetes.install.ManifestObject.Kept;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of an installation, in the order in which they are applied: what {@code selvage
 * manifest} prints and {@code selvage install} applies.
 */
public final class Manifest {
  /** The label on namespaces that says which network a cluster's Pods are in. */
  public static final String NETWORK_LABEL = "topology.istio.io/network";

  /** Under which annotation a Deployment remembers its {@link InstallSettings}. */
  static final String SETTINGS = "selvage.io/settings";

  /** The label of a Deployment's version. */
  static final String VERSION = "app.kubernetes.io/version";

  /** The injector's webhook configuration. */
  static final String INJECTOR = "selvage-sidecar-injector";

  /** The validator's webhook configuration. */
  static final String VALIDATOR = "selvage-validator";

  private static final Map<String, String> OURS = Map.of("app", "selvage");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String namespace;
  private final String version;
  private final InstallSettings settings;
  private final boolean istioLabels;
  private final List<ManifestObject> objects = new ArrayList<>();

  private Manifest(
      String namespace, String version, InstallSettings settings, boolean istioLabels) {
    this.namespace = namespace;
    this.version = version;
    this.settings = settings;
    this.istioLabels = istioLabels;
  }

  /**
   * The objects of one cluster.
   *
   * @param namespace the control plane's
   * @param version of this Selvage
   * @param istioLabelsAreFree whether no other injector acts on Istio's labels
   */
  public static Manifest of(
      String namespace, String version, InstallSettings settings, boolean istioLabelsAreFree) {
    boolean istioLabels =
        switch (settings.istioLabels()) {
          case AUTO -> istioLabelsAreFree;
          case YES -> true;
          case NO -> false;
        };
    Manifest manifest = new Manifest(namespace, version, settings, istioLabels);
    manifest.place();
    manifest.definitions();
    manifest.controlPlane();
    manifest.webhooks();
    return manifest;
  }

  /** Those that other settings would have had made: they go when these settings come. */
  List<ManifestObject> without() {
    Manifest fullest =
        of(namespace, version, settings.with("replicas", "3").with("network", "any"), true);
    List<String> here = objects.stream().map(ManifestObject::toString).toList();
    return fullest.objects.stream().filter(object -> !here.contains(object.toString())).toList();
  }

  /**
   * The same with the gateway by which its network is reached from others, before the webhooks:
   * they refuse everything until the control plane is there.
   *
   * @throws IllegalArgumentException when the settings name no network
   */
  public Manifest withGateway() {
    Manifest more = new Manifest(namespace, version, settings, istioLabels);
    for (ManifestObject object : objects) {
      if (object.kind() == ObjectKind.MUTATING_WEBHOOK) {
        more.objects.addAll(EastWestGateway.objects(this));
      }
      more.objects.add(object);
    }
    return more;
  }

  /** In the order in which they are applied. */
  public List<ManifestObject> objects() {
    return List.copyOf(objects);
  }

  /** Where the control plane is. */
  public String namespace() {
    return namespace;
  }

  /** Of the Selvage that it installs. */
  public String version() {
    return version;
  }

  /** What it was made from. */
  public InstallSettings settings() {
    return settings;
  }

  /** What the Pods run. */
  public String image() {
    return settings.image().isEmpty() ? "localhost/selvage:" + version : settings.image();
  }

  private void place() {
    Map<String, String> network =
        settings.network().isEmpty() ? Map.of() : Map.of(NETWORK_LABEL, settings.network());
    JsonNode content = Template.fill("namespace.yaml", Map.of("namespace", namespace)).getFirst();
    objects.add(
        ManifestObject.labelled(
            content, network.isEmpty() ? Kept.MADE_ONCE : Kept.APPLIED, network));
  }

  private void definitions() {
    Definition.ALL.stream().map(Definition::object).forEach(objects::add);
  }

  private void controlPlane() {
    access();
    meshConfig();
    int replicas = settings.replicas();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("namespace", namespace);
    values.put("version", version);
    values.put("image", image());
    values.put("replicas", replicas == 0 ? Optional.empty() : replicas);
    values.put("cpu", settings.text(Setting.CPU));
    values.put("memory", settings.text(Setting.MEMORY));
    values.put("memoryLimit", settings.text(Setting.MEMORY_LIMIT));
    values.put("serviceAnnotations", settings.filled(Setting.SERVICE_ANNOTATIONS));
    values.put("settings", settings.remembered());
    values.put("arguments", arguments());
    for (JsonNode content : Template.fill("control-plane.yaml", values)) {
      if (content.path("kind").asString().equals("Deployment")) {
        PodSettings.put(settings, (ObjectNode) content);
      }
      objects.add(ManifestObject.labelled(content, Kept.APPLIED, OURS));
    }
    if (replicas != 1) {
      add("disruption-budget.yaml", Kept.APPLIED, Map.of("namespace", namespace));
    }
  }

  private void meshConfig() {
    Map<String, String> values =
        Map.of("namespace", namespace, "trustDomain", settings.trustDomain());
    switch (settings.meshConfig()) {
      case AUTO -> add("mesh-config.yaml", Kept.MADE_ONCE, values);
      case TRUE -> add("mesh-config.yaml", Kept.APPLIED, values);
      case FALSE -> {}
    }
  }

  /** What the control plane asks for, and no more: a ClusterRole, and a Role where it is enough. */
  private void access() {
    List<Permission> needed = Permission.needed(namespace);
    add(
        "access.yaml",
        Kept.APPLIED,
        Map.of(
            "namespace", namespace,
            "imagePullSecrets", imagePullSecrets(),
            "rules", Rules.of(needed, "")));
    needed.stream()
        .map(Permission::namespace)
        .filter(where -> !where.isEmpty())
        .distinct()
        .sorted(Comparator.comparing(where -> !where.equals(namespace)))
        .forEach(
            where ->
                add(
                    "namespace-access.yaml",
                    Kept.APPLIED,
                    Map.of(
                        "namespace", namespace,
                        "where", where,
                        "rules", Rules.of(needed, where))));
  }

  /** Of a ServiceAccount. */
  Optional<List<Map<String, String>>> imagePullSecrets() {
    return Optional.of(
            settings.texts(Setting.IMAGE_PULL_SECRETS).stream()
                .map(name -> Map.of("name", name))
                .toList())
        .filter(list -> !list.isEmpty());
  }

  /** The command line of the control plane. */
  private List<String> arguments() {
    List<String> line = new ArrayList<>(List.of("control", "--namespace=" + namespace));
    line.add("--cluster=" + settings.cluster());
    if (!settings.network().isEmpty()) {
      line.add("--network=" + settings.network());
    }
    line.add("--sidecar-image=" + image());
    line.add("--native-sidecars=" + settings.text(Setting.NATIVE_SIDECARS));
    line.add("--istio-labels=" + istioLabels);
    line.addAll(settings.arguments());
    return line;
  }

  private void webhooks() {
    Map<String, String> home = Map.of("namespace", namespace);
    ObjectNode injector = (ObjectNode) Template.fill("injection-webhook.yaml", home).getFirst();
    ObjectNode call = (ObjectNode) Template.fill("injection-webhook-call.yaml", home).getFirst();
    ArrayNode hooks = injector.putArray("webhooks");
    for (InjectionSelectors.Entry entry :
        InjectionSelectors.of(istioLabels, settings.texts(Setting.REVISION_TAGS))) {
      ObjectNode hook = hooks.addObject();
      hook.put("name", entry.name());
      hook.set("namespaceSelector", selector(entry.namespace()));
      hook.set("objectSelector", selector(entry.object()));
      hook.setAll(call);
    }
    objects.add(ManifestObject.labelled(injector, Kept.APPLIED, OURS));
    add(
        "validation-webhook.yaml",
        Kept.APPLIED,
        Map.of(
            "namespace", namespace,
            "securityKinds", validatedKinds(true),
            "networkingKinds", validatedKinds(false)));
  }

  private static JsonNode selector(LabelSelector selector) {
    List<Map<String, Object>> expressions = new ArrayList<>();
    for (LabelSelector.Expression expression : selector.expressions()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("key", expression.key());
      fields.put("operator", expression.operator().text());
      if (!expression.values().isEmpty()) {
        fields.put("values", expression.values());
      }
      expressions.add(fields);
    }
    Map<String, Object> whole = new LinkedHashMap<>();
    if (!selector.labels().isEmpty()) {
      whole.put("matchLabels", selector.labels());
    }
    whole.put("matchExpressions", expressions);
    return JSON.valueToTree(whole);
  }

  /**
   * The kinds that the control plane reads, and no others: of those it has nothing to say.
   *
   * @param wait whether those that are not changed while it is away
   */
  private static List<Map<String, Object>> validatedKinds(boolean wait) {
    Map<String, List<String>> plurals =
        Definition.ALL.stream()
            .filter(each -> each.waits() == wait)
            .collect(
                Collectors.groupingBy(
                    Definition::group,
                    LinkedHashMap::new,
                    Collectors.mapping(Definition::plural, Collectors.toList())));
    List<Map<String, Object>> rules = new ArrayList<>();
    plurals.forEach(
        (group, kinds) -> {
          Map<String, Object> rule = new LinkedHashMap<>();
          rule.put("apiGroups", List.of(group));
          rule.put("apiVersions", List.of("*"));
          rule.put("operations", List.of("CREATE", "UPDATE"));
          rule.put("resources", kinds);
          rule.put("scope", "*");
          rules.add(rule);
        });
    return rules;
  }

  private void add(String template, Kept kept, Map<String, ?> values) {
    for (JsonNode content : Template.fill(template, values)) {
      objects.add(ManifestObject.labelled(content, kept, OURS));
    }
  }

  /**
   * As a text for {@code kubectl apply -f -}.
   *
   * @param wanted which objects are in it
   * @param definitions whether CustomResourceDefinitions are
   */
  public String yaml(Predicate<ManifestObject> wanted, boolean definitions) {
    return text(wanted.and(object -> definitions || !isDefinition(object)));
  }

  /**
   * The CustomResourceDefinitions alone, as a text for {@code kubectl apply -f -}.
   *
   * @param wanted which of them are in it
   */
  public String definitionsYaml(Predicate<ManifestObject> wanted) {
    return text(wanted.and(Manifest::isDefinition));
  }

  private static boolean isDefinition(ManifestObject object) {
    return object.kind() == ObjectKind.CUSTOM_RESOURCE_DEFINITION;
  }

  private String text(Predicate<ManifestObject> wanted) {
    return ClusterYaml.write(objects.stream().filter(wanted).map(ManifestObject::content).toList());
  }
}
