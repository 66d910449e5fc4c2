package io.selvage.control.kubernetes.install;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A YAML text among the resources whose scalars name values as <code>${name}</code>. They are put
 * in after the text was parsed: a scalar that is nothing but a name becomes the value, whatever its
 * type, and no value can become more YAML than that.
 */
final class Template {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern NAME = Pattern.compile("\\$\\{([a-zA-Z]+)}");

  private final String resource;
  private final Map<String, ?> values;

  private Template(String resource, Map<String, ?> values) {
    this.resource = resource;
    this.values = values;
  }

  /**
   * Its documents, filled in.
   *
   * @param values texts, numbers, booleans, and lists and maps of them; a field whose value is an
   *     empty {@link Optional} is left out
   * @throws IllegalArgumentException when it names a value that isn't given
   */
  static List<JsonNode> fill(String resource, Map<String, ?> values) {
    Template template = new Template(resource, values);
    LoadSettings settings =
        LoadSettings.builder().setLabel(resource).setSchema(new CoreSchema()).build();
    try (InputStream text = Template.class.getResourceAsStream(resource)) {
      if (text == null) {
        throw new IllegalArgumentException("no template " + resource);
      }
      List<JsonNode> documents = new ArrayList<>();
      String yaml = new String(text.readAllBytes(), StandardCharsets.UTF_8);
      for (Object document : new Load(settings).loadAllFromString(yaml)) {
        documents.add(JSON.valueToTree(template.filled(document)));
      }
      return documents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Object filled(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, Object> filled = new LinkedHashMap<>();
        map.forEach((key, inner) -> put(filled, String.valueOf(key), filled(inner)));
        yield filled;
      }
      case List<?> list -> list.stream().map(this::filled).toList();
      case String text -> filledText(text);
      default -> value;
    };
  }

  private static void put(Map<String, Object> fields, String name, Object value) {
    if (!(value instanceof Optional<?> optional)) {
      fields.put(name, value);
    } else if (optional.isPresent()) {
      fields.put(name, optional.get());
    }
  }

  private Object filledText(String text) {
    Matcher name = NAME.matcher(text);
    return name.matches()
        ? value(name.group(1))
        : name.replaceAll(found -> Matcher.quoteReplacement(value(found.group(1)).toString()));
  }

  private Object value(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(resource + " needs a value for " + name);
    }
    return value;
  }
}
