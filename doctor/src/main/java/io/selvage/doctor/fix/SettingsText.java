package io.selvage.doctor.fix;

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

/** MeshConfig as text, changed in nothing but the aliases of its trust domain. */
final class SettingsText {
  private static final String ALIASES = "trustDomainAliases";

  private SettingsText() {}

  /**
   * With one alias more. What else is written stays as it is, comments too, where there were no
   * aliases before.
   *
   * @return empty when the text is no MeshConfig that can be changed
   */
  static Optional<String> withAlias(String text, String alias) {
    Optional<Map<String, Object>> read = read(text);
    if (read.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> wanted = new LinkedHashMap<>(read.get());
    List<Object> aliases = new ArrayList<>();
    if (wanted.get(ALIASES) instanceof List<?> before) {
      aliases.addAll(before);
    }
    aliases.add(alias);
    wanted.put(ALIASES, aliases);
    String appended =
        text
            + (text.isEmpty() || text.endsWith("\n") ? "" : "\n")
            + ALIASES
            + ":\n- "
            + alias
            + "\n";
    boolean isSame = read(appended).filter(wanted::equals).isPresent();
    return Optional.of(isSame ? appended : dumped(wanted));
  }

  /** What is written; empty when it is no object. */
  static Optional<Map<String, Object>> read(String text) {
    try {
      Object read = new Load(LoadSettings.builder().build()).loadFromString(text);
      Map<String, Object> fields = new LinkedHashMap<>();
      if (read instanceof Map<?, ?> found) {
        found.forEach((name, value) -> fields.put(String.valueOf(name), value));
      } else if (read != null) {
        return Optional.empty();
      }
      return Optional.of(fields);
    } catch (YamlEngineException e) {
      return Optional.empty();
    }
  }

  /** The fields but for the aliases. */
  static Map<String, Object> but(Map<String, Object> fields) {
    Map<String, Object> copy = new LinkedHashMap<>(fields);
    copy.remove(ALIASES);
    return copy;
  }

  private static String dumped(Map<String, Object> fields) {
    var settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings).dumpToString(fields);
  }
}
