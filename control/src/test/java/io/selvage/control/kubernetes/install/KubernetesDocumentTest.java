package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.access.Permission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of permissions in {@code docs/kubernetes.md}; {@code make golden} writes it. */
final class KubernetesDocumentTest {
  private static final Path PAGE = Path.of("../docs/kubernetes.md");
  private static final String BEGIN = "<!-- permissions:begin -->\n";
  private static final String END = "<!-- permissions:end -->\n";

  @Test
  void itsTableOfPermissionsIsTheOneThatIsInstalled() throws IOException {
    String text = Files.readString(PAGE);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(end).as("the marks are there").isGreaterThanOrEqualTo(begin);
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(PAGE, text.substring(0, begin) + table() + text.substring(end));
    }
    assertThat(Files.readString(PAGE)).as("make golden writes it").contains(BEGIN + table() + END);
  }

  private static String table() {
    return "| may | what | of | where |\n|---|---|---|---|\n"
        + Permission.needed("istio-system").stream()
            .map(KubernetesDocumentTest::row)
            .collect(Collectors.joining());
  }

  private static String row(Permission permission) {
    return "| %s | `%s`%s | %s | %s |\n"
        .formatted(
            String.join(", ", permission.verbs()),
            permission.resource(),
            permission.name().isEmpty() ? "" : ": `" + permission.name() + "`",
            permission.group().isEmpty() ? "core" : "`" + permission.group() + "`",
            permission.namespace().isEmpty() ? "everywhere" : "`" + permission.namespace() + "`");
  }
}
