package io.selvage.xds.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/xds-understood.md} says what the table says. {@code -Dselvage.golden.update=true}
 * writes it anew; what was measured of istiod, at its end, is another test's.
 */
class UnderstoodDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "xds-understood.md");
  private static final String MEASURED = "<!-- measured -->\n";

  @Test
  void theDocumentIsCurrent() throws IOException {
    String before = Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : MEASURED;
    int end = before.indexOf(MEASURED);
    assertThat(end).as("where in %s what was measured begins", DOCUMENT).isNotNegative();
    String generated = generated();
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(DOCUMENT, generated + before.substring(end));
    } else {
      assertThat(before.substring(0, end)).isEqualTo(generated);
    }
  }

  private static String generated() {
    var text = new StringBuilder();
    text.append(
        """
        # What this proxy understands of xDS

        Generated from `understood.txt`, the table that the parser itself goes by; a test holds them together. A field is **read**, or
        **passed over** because no security decision hangs on it, or it **refuses** its resource as soon as it is set: the control plane
        sees a NACK that names it, and the last good configuration stays. So does a field, a message, a filter or an extension that is not
        here at all. An empty value is a field that isn't set.

        ## Filters and extensions that are read
        """);
    new TreeSet<>(Understood.messages().keySet())
        .stream()
            .filter(UnderstoodDocumentTest::isExtension)
            .forEach(name -> text.append("- `").append(name).append("`\n"));
    text.append(
        """

        ## Filters and extensions that are passed over whole
        | configuration | what it does |
        |---|---|
        """);
    Understood.passedOverFilters()
        .forEach((name, why) -> text.append("| `%s` | %s |\n".formatted(name, why)));
    text.append("\n## Messages, field by field\n");
    Map<String, Descriptor> known = TableNames.known();
    new TreeMap<>(Understood.messages())
        .forEach(
            (name, fields) ->
                text.append(message(Objects.requireNonNull(known.get(name), name), fields)));
    return text.append('\n').toString();
  }

  /** Whether it is what stands in the {@code typed_config} of something. */
  private static boolean isExtension(String name) {
    return name.matches(
        "envoy\\.extensions\\.(.*\\.v3\\.)(OriginalDst|TlsInspector|HttpInspector"
            + "|TcpProxy|RBAC|ExtAuthz|HttpConnectionManager|Router|JwtAuthentication|HTTPFault"
            + "|RawBuffer|DownstreamTlsContext|UpstreamTlsContext|FileAccessLog|HttpProtocolOptions"
            + "|UriTemplateMatchConfig|SPIFFECertValidatorConfig)");
  }

  private static String message(Descriptor descriptor, Understood.Fields fields) {
    var text = new StringBuilder("\n### `" + descriptor.getFullName() + "`\n");
    List<String> refused =
        descriptor.getFields().stream()
            .map(FieldDescriptor::getName)
            .filter(field -> !fields.reads().contains(field) && !fields.passes().contains(field))
            .toList();
    line(text, "read", fields.reads());
    Map<String, List<String>> reasons =
        fields.passes().stream()
            .sorted()
            .collect(
                Collectors.groupingBy(
                    field -> Understood.reason(descriptor.getFullName(), field).orElse("?"),
                    TreeMap::new,
                    Collectors.toList()));
    reasons.forEach((why, of) -> line(text, "passed over, since " + why, of));
    line(text, "refused", refused);
    if (descriptor.getFields().isEmpty()) {
      text.append("- has no fields\n");
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String what, Collection<String> fields) {
    if (!fields.isEmpty()) {
      text.append("- ").append(what).append(": ");
      text.append(
          new TreeSet<>(fields).stream().map(f -> "`" + f + "`").collect(Collectors.joining(", ")));
      text.append('\n');
    }
  }
}
