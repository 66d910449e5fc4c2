package io.selvage.model;

import java.util.List;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * The look of an inline key set: whether it is one, and whether it gives away a private key.
 *
 * <p>JSON is YAML, so the limits that hold for documents hold for it. The keys themselves are for
 * whoever verifies tokens to parse.
 */
final class JwksText {

  /** Members of a key (RFC 7518, 6.2.2, 6.3.2 and 6.4.1) that must be kept secret. */
  private static final List<String> PRIVATE = List.of("d", "p", "q", "dp", "dq", "qi", "k");

  private JwksText() {}

  static void check(Fields rule, String text) {
    Reading inner =
        Reading.of(
            rule.at("jwks").source(), 0, rule.reading().lines(), false, rule.reading().refusal());
    boolean[] found = {false};
    YamlDocuments.parse(
        inner.source(),
        0,
        text,
        (node, line) -> {
          if (node instanceof MappingNode mapping) {
            found[0] = true;
            keys(rule, new Fields(inner, mapping, ""));
          }
        },
        inner::add);
    if (!found[0] || inner.failed() || !text.strip().startsWith("{")) {
      rule.refuse("jwks", "is not a JSON Web Key Set");
    }
  }

  private static void keys(Fields rule, Fields set) {
    List<Fields> keys = set.has("keys") ? set.objects("keys") : List.of(set);
    for (int i = 0; i < keys.size(); i++) {
      keys.get(i).required("kty");
      if (PRIVATE.stream().anyMatch(keys.get(i)::has)) {
        rule.warning(
            rule.reading().refusal(),
            "jwks",
            "key %d has its private part; only the public part is needed, replace the key"
                .formatted(i));
      }
    }
  }
}
