package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.inject.ClusterYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The parts of the Helm chart that are made from the code: permissions, the injector's selectors,
 * definitions and defaults. {@code make golden} writes them.
 */
final class ChartFilesTest {
  private static final Path CHART = Path.of("../deploy/helm/selvage");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Manifest MANIFEST =
      Manifest.of("istio-system", "any", InstallSettings.DEFAULTS, true);

  /** A file of the chart, as it should be. */
  record Wanted(String file, List<? extends JsonNode> documents) {
    @Override
    public String toString() {
      return file;
    }
  }

  static Stream<Wanted> files() {
    List<JsonNode> entries = new ArrayList<>();
    webhook("MutatingWebhookConfiguration selvage-sidecar-injector")
        .forEach(hook -> entries.add(selectors(hook)));
    return Stream.of(
        new Wanted(
            "crds/istio.yaml",
            MANIFEST.objects().stream()
                .filter(object -> object.kind() == ObjectKind.CUSTOM_RESOURCE_DEFINITION)
                .map(ManifestObject::content)
                .toList()),
        one("files/cluster-rules.yaml", rules("ClusterRole selvage-control")),
        one("files/home-rules.yaml", rules("Role istio-system/selvage-control")),
        one("files/default-rules.yaml", rules("Role default/selvage-control")),
        one("files/injector-webhooks.yaml", array(entries, false)),
        one("files/injector-webhooks-istio-labels.yaml", array(entries, true)),
        one("files/validated-security-kinds.yaml", validated("validation.selvage.io")),
        one("files/validated-networking-kinds.yaml", validated("networking.validation.selvage.io")),
        one("files/defaults.yaml", InstallSettings.DEFAULTS.values()));
  }

  private static Wanted one(String file, JsonNode document) {
    return new Wanted(file, List.of(document));
  }

  private static JsonNode content(String id) {
    return MANIFEST.objects().stream()
        .filter(object -> object.toString().equals(id))
        .findFirst()
        .orElseThrow()
        .content();
  }

  private static JsonNode rules(String role) {
    return content(role).path("rules");
  }

  private static JsonNode webhook(String configuration) {
    return content(configuration).path("webhooks");
  }

  private static JsonNode validated(String name) {
    return webhook("ValidatingWebhookConfiguration selvage-validator").values().stream()
        .filter(hook -> hook.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow()
        .path("rules");
  }

  private static JsonNode selectors(JsonNode hook) {
    var some = JSON.createObjectNode();
    for (String field : List.of("name", "namespaceSelector", "objectSelector")) {
      some.set(field, hook.path(field));
    }
    return some;
  }

  private static JsonNode array(List<JsonNode> entries, boolean istios) {
    var array = JSON.createArrayNode();
    entries.stream()
        .filter(entry -> entry.path("name").asString().startsWith("istio.") == istios)
        .forEach(array::add);
    return array;
  }

  @ParameterizedTest
  @MethodSource("files")
  void areAsTheCodeHasThem(Wanted wanted) throws IOException {
    Path file = CHART.resolve(wanted.file());
    String text = ClusterYaml.write(wanted.documents());
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(file).as("make golden writes it").content().isEqualTo(text);
  }

  @Test
  void theChartsValuesAreTheSettingsAndTheirDefaults() throws IOException {
    JsonNode values = ClusterYaml.read(Files.readString(CHART.resolve("values.yaml"))).getFirst();
    assertThat(values).isEqualTo(InstallSettings.DEFAULTS.values());
    JsonNode schema = JSON.readTree(Files.readString(CHART.resolve("values.schema.json")));
    List<String> known = new ArrayList<>(names("", schema));
    known.remove("global"); // Helm's own
    assertThat(known).containsExactlyInAnyOrderElementsOf(InstallSettings.names());
  }

  /** What a schema knows; of a group that allows nothing else, what is in it. */
  private static List<String> names(String prefix, JsonNode schema) {
    List<String> names = new ArrayList<>();
    schema
        .path("properties")
        .properties()
        .forEach(
            field -> {
              String name = prefix + field.getKey();
              if (field.getValue().has("properties")) {
                assertThat(field.getValue().path("additionalProperties").asBoolean(true))
                    .as(name)
                    .isFalse();
                names.addAll(names(name + ".", field.getValue()));
              } else {
                names.add(name);
              }
            });
    return names;
  }

  @Test
  void itsVersionIsThisOne() throws IOException {
    JsonNode chart = ClusterYaml.read(Files.readString(CHART.resolve("Chart.yaml"))).getFirst();
    assertThat(Files.readString(Path.of("../pom.xml")))
        .contains(
            "<artifactId>selvage</artifactId>\n  <version>%s</version>"
                .formatted(chart.path("appVersion").asString()));
  }
}
