package io.selvage.doctor.report;

import io.selvage.doctor.Diagnosis;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import tools.jackson.databind.json.JsonMapper;

/** {@link JsonReport} as YAML. */
final class YamlReport {
  private YamlReport() {}

  static String of(Diagnosis diagnosis) {
    var settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings)
        .dumpToString(JsonMapper.shared().convertValue(JsonReport.of(diagnosis), Map.class));
  }
}
