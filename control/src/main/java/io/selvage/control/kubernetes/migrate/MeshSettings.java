package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** MeshConfig as the ConfigMap {@code istio} holds it, with all its fields, known here or not. */
record MeshSettings(Map<String, Object> fields) {
  private static final String DOMAIN = "trustDomain";
  private static final String ALIASES = "trustDomainAliases";

  static Optional<ConfigMap> map(KubernetesClient client, String namespace) {
    return Optional.ofNullable(client.configMaps().inNamespace(namespace).withName("istio").get());
  }

  /** Reads it; nothing written is Istio's defaults. */
  static MeshSettings of(Optional<ConfigMap> map) throws MigrationRefused {
    String text = map.map(ConfigMap::getData).map(data -> data.get("mesh")).orElse("");
    try {
      Object read = new Load(LoadSettings.builder().build()).loadFromString(text);
      Map<String, Object> fields = new LinkedHashMap<>();
      if (read instanceof Map<?, ?> found) {
        found.forEach((name, value) -> fields.put(String.valueOf(name), value));
      } else if (read != null) {
        throw new MigrationRefused(
            MigrationRefused.NOT_SUCH, "the ConfigMap istio holds no object under mesh");
      }
      return new MeshSettings(fields);
    } catch (YamlEngineException e) {
      throw new MigrationRefused(
          MigrationRefused.NOT_SUCH, "the ConfigMap istio cannot be read: " + e.getMessage(), e);
    }
  }

  String trustDomain() {
    return String.valueOf(fields.getOrDefault(DOMAIN, "cluster.local"));
  }

  List<String> aliases() {
    return fields.get(ALIASES) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** The same with other names of identities. */
  MeshSettings with(String domain, List<String> aliases) {
    Map<String, Object> changed = new LinkedHashMap<>(fields);
    changed.put(DOMAIN, domain);
    if (aliases.isEmpty()) {
      changed.remove(ALIASES);
    } else {
      changed.put(ALIASES, new ArrayList<>(aliases));
    }
    return new MeshSettings(changed);
  }

  /** As YAML; comments are lost. */
  String yaml() {
    var settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings).dumpToString(fields);
  }
}
