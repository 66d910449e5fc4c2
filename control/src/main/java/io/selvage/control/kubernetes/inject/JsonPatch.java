package io.selvage.control.kubernetes.inject;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.zjsonpatch.DiffFlags;
import io.fabric8.zjsonpatch.JsonDiff;
import java.util.EnumSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** What makes one JSON tree of another, as RFC 6902 has it. */
final class JsonPatch {
  private static final ObjectMapper LIBRARYS = new ObjectMapper();

  /** Only {@code add}, {@code remove} and {@code replace}: easy to read in an audit log. */
  private static final EnumSet<DiffFlags> PLAIN =
      EnumSet.of(DiffFlags.OMIT_MOVE_OPERATION, DiffFlags.OMIT_COPY_OPERATION);

  private JsonPatch() {}

  /** The operations in their order; empty when nothing differs. */
  static ArrayNode between(JsonNode before, JsonNode after) {
    try {
      // the library stands on the generation of Jackson before ours
      String patch =
          JsonDiff.asJson(
                  LIBRARYS.readTree(before.toString()), LIBRARYS.readTree(after.toString()), PLAIN)
              .toString();
      return (ArrayNode) JsonMapper.shared().readTree(patch);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is no JSON", e);
    }
  }
}
