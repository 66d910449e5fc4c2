package io.selvage.control.kubernetes.inject;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.Schema;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Manifests as {@code kubectl} reads them. It reads YAML 1.1, where {@code yes} and {@code off} are
 * booleans ({@code hostNetwork: yes}), and what it would take for one is written in quotes.
 */
public final class ClusterYaml {
  private static final int LONGEST_DOCUMENT = 16 << 20;
  private static final Set<String> YES = Set.of("y", "yes", "on", "true");
  private static final Pattern WORDS =
      Pattern.compile("y|Y|n|N|(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)");
  private static final Schema SCHEMA = new YamlOnePointOneWords();

  private ClusterYaml() {}

  /** The core schema, and YAML 1.1's booleans. */
  private static final class YamlOnePointOneWords implements Schema {
    private final CoreSchema core = new CoreSchema();
    private final CoreScalarResolver resolver = new CoreScalarResolver(true);
    private final Map<Tag, ConstructNode> constructors;

    YamlOnePointOneWords() {
      resolver.addImplicitResolver(Tag.BOOL, WORDS, "yYnNoO");
      Map<Tag, ConstructNode> all = new java.util.HashMap<>(core.getSchemaTagConstructors());
      all.put(Tag.BOOL, new Booleans());
      constructors = Map.copyOf(all);
    }

    @Override
    public ScalarResolver getScalarResolver() {
      return resolver;
    }

    @Override
    public Map<Tag, ConstructNode> getSchemaTagConstructors() {
      return constructors;
    }
  }

  private static final class Booleans implements ConstructNode {
    @Override
    public Object construct(Node node) {
      return YES.contains(((ScalarNode) node).getValue().toLowerCase(java.util.Locale.ROOT));
    }
  }

  /**
   * The documents of a text; empty ones are left out.
   *
   * @throws IllegalArgumentException saying where it is no YAML
   */
  public static List<JsonNode> read(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(SCHEMA)
            .setCodePointLimit(LONGEST_DOCUMENT)
            .setMaxAliasesForCollections(50)
            .build();
    List<JsonNode> all = new ArrayList<>();
    try {
      for (Object document : new Load(settings).loadAllFromString(text)) {
        if (document != null) {
          all.add(JsonMapper.shared().valueToTree(document));
        }
      }
    } catch (YamlEngineException | JacksonException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
    return all;
  }

  /** The only document of a text; empty when there is none. */
  static Optional<JsonNode> readOne(String text) {
    List<JsonNode> all = read(text);
    if (all.size() > 1) {
      throw new IllegalArgumentException("more than one document");
    }
    return all.stream().findFirst();
  }

  /** As documents with {@code ---} between. */
  public static String write(List<? extends JsonNode> documents) {
    DumpSettings settings =
        DumpSettings.builder()
            .setSchema(SCHEMA)
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setIndicatorIndent(0)
            .setExplicitStart(documents.size() > 1)
            .setMultiLineFlow(false)
            .setWidth(Integer.MAX_VALUE)
            .build();

    return new Dump(settings)
        .dumpAllToString(documents.stream().map(ClusterYaml::plain).iterator());
  }

  private static Object plain(JsonNode document) {
    return JsonMapper.shared().convertValue(document, Object.class);
  }
}
