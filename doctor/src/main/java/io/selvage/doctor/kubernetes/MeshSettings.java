package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Look;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** The mesh's settings as they stand in its ConfigMap, {@code istio} or {@code istio-REVISION}. */
final class MeshSettings {
  /** Istio's, when nothing is said. */
  private static final String TRUST_DOMAIN = "cluster.local";

  private static final LoadSettings YAML =
      LoadSettings.builder().setAllowDuplicateKeys(false).build();

  private MeshSettings() {}

  /** The flavour with the trust domain of its settings; empty where they could not be seen. */
  static Flavour completed(Flavour flavour, Look<List<ApiObject>> maps) {
    String trustDomain =
        maps.found()
            .map(
                seen ->
                    flavour.revisions().stream()
                        .flatMap(
                            revision -> text(revision.name(), flavour.namespace(), seen).stream())
                        .findFirst()
                        .map(MeshSettings::trustDomain)
                        .orElse(TRUST_DOMAIN))
            .orElse("");
    return new Flavour(
        flavour.kind(), flavour.version(), flavour.namespace(), flavour.revisions(), trustDomain);
  }

  private static Optional<String> text(String revision, String namespace, List<ApiObject> maps) {
    List<String> names = List.of("istio-" + revision, "istio");
    return names.stream()
        .flatMap(
            name ->
                maps.stream()
                    .filter(map -> map.name().equals(name) && map.namespace().equals(namespace)))
        .map(map -> map.text("/data/mesh"))
        .filter(text -> !text.isEmpty())
        .findFirst();
  }

  private static String trustDomain(String text) {
    try {
      return new Load(YAML).loadFromString(text) instanceof Map<?, ?> mesh
              && mesh.get("trustDomain") instanceof String domain
              && !domain.isEmpty()
          ? domain
          : TRUST_DOMAIN;
    } catch (YamlEngineException e) {
      return TRUST_DOMAIN; // the control plane cannot read it either; a check says so
    }
  }
}
