package io.selvage.doctor.report;

import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@link JsonReport} as YAML. */
final class YamlReport {
  private YamlReport() {}

  static String of(ObjectNode report) {
    var settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings).dumpToString(JsonMapper.shared().convertValue(report, Map.class));
  }
}
