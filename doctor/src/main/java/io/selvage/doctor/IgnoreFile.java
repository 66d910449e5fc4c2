package io.selvage.doctor;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads {@code .selvage/ignore.yaml}: a list of entries with {@code code}, {@code reason} and
 * {@code until} (the last day, {@code 2026-12-31}), and if it is not for all, {@code context} and
 * {@code object} ({@code Kind namespace/name}). What is not understood is refused: an entry that is
 * passed over, or fits more than it says, would hide a finding.
 */
public final class IgnoreFile {
  private static final Set<String> FIELDS = Set.of("code", "context", "object", "reason", "until");
  private static final Pattern CODE = Pattern.compile("SLV\\d{4}");

  private IgnoreFile() {}

  /**
   * Reads a file's text.
   *
   * @param source its name
   * @throws IllegalArgumentException with {@code file:line} and what is wrong there
   */
  public static Ignored read(String source, String text) {
    try {
      var root = new Compose(LoadSettings.builder().setLabel(source).build()).composeString(text);
      if (root.isEmpty()) {
        return Ignored.NOTHING;
      }
      if (!(root.get() instanceof SequenceNode list)) {
        throw wrong(source, root.get(), "a list of entries is expected");
      }
      List<Ignored.Entry> entries = new ArrayList<>();
      for (Node item : list.getValue()) {
        entries.add(entry(source, item));
      }
      return new Ignored(entries);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException(source + ": " + e.getMessage(), e);
    }
  }

  private static Ignored.Entry entry(String source, Node item) {
    if (!(item instanceof MappingNode mapping)) {
      throw wrong(source, item, "an entry has fields: code, reason, until");
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (NodeTuple field : mapping.getValue()) {
      if (!(field.getKeyNode() instanceof ScalarNode name)
          || !(field.getValueNode() instanceof ScalarNode value)) {
        throw wrong(source, field.getKeyNode(), "a field is a name and a text");
      }
      if (!FIELDS.contains(name.getValue())) {
        throw wrong(source, name, "`" + name.getValue() + "` is not a field here");
      }
      if (value.getValue().isBlank()) {
        throw wrong(source, name, "`" + name.getValue() + "` is empty");
      }
      if (fields.put(name.getValue(), value.getValue()) != null) {
        throw wrong(source, name, "`" + name.getValue() + "` is written twice");
      }
    }
    String code = needed(source, item, fields, "code");
    if (!CODE.matcher(code).matches()) {
      throw wrong(source, item, "`" + code + "` is no code: one is named, such as SLV2003");
    }
    return new Ignored.Entry(
        code,
        Optional.ofNullable(fields.get("context")),
        Optional.ofNullable(fields.get("object")),
        needed(source, item, fields, "reason"),
        day(source, item, needed(source, item, fields, "until")),
        place(source, item));
  }

  private static String needed(String source, Node item, Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null) {
      throw wrong(source, item, "an entry needs `" + name + "`");
    }
    return value;
  }

  private static LocalDate day(String source, Node item, String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw wrong(source, item, "`until` is a day such as 2026-12-31, not " + text);
    }
  }

  private static String place(String source, Node node) {
    return source + ":" + node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  private static IllegalArgumentException wrong(String source, Node node, String what) {
    return new IllegalArgumentException(place(source, node) + ": " + what);
  }
}
