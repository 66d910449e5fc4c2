package io.selvage.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/doctor-checks.md} says what the catalogue says. {@code make golden} writes it anew.
 */
class CatalogueDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "doctor-checks.md");
  private static final Pattern MESSAGE = Pattern.compile("IST\\d{4}");
  private static final List<CheckInfo> CHECKS = Catalogue.all().stream().map(Check::info).toList();

  /** One of Istio's analyzer's messages, and how it is covered where no check names it. */
  private record Message(String code, String name, String otherwise) {}

  @Test
  void theDocumentIsCurrent() throws IOException {
    String generated = generated();
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(DOCUMENT, generated);
    }
    assertThat(Files.readString(DOCUMENT)).isEqualTo(generated);
  }

  @Test
  void codesAreInOrderAndEachIsThereOnce() {
    var codes = CHECKS.stream().map(CheckInfo::code).toList();
    assertThat(codes).isSorted().doesNotHaveDuplicates();
    assertThat(codes).allSatisfy(code -> assertThat(code).matches("SLV\\d{4}"));
  }

  @Test
  void everyMessageThatACheckNamesIsOneOfIstios() {
    var known = messages().stream().map(Message::code).toList();
    assertThat(CHECKS.stream().flatMap(check -> messagesOf(check).stream()))
        .isNotEmpty()
        .isSubsetOf(known);
  }

  private static String generated() {
    var page = new StringBuilder();
    page.append(
        """
        # The doctor's checks

        Generated from the catalogue; a test holds them together (`make golden` writes this page). `selvage explain CODE` shows a
        check's page, offline. *Worst* is the worst that a check can say. *Mended by*: `--fix` (safe, can be undone), `--fix=CODE`
        (alters traffic or security: asks first, can be undone), a command that is printed, or nobody. *Rows* are those of the
        security runbook (R1-R11).

        %d checks.
        """
            .formatted(CHECKS.size()));
    for (Range range : Range.values()) {
      var ofRange = CHECKS.stream().filter(check -> Range.of(check.code()) == range).toList();
      if (!ofRange.isEmpty()) {
        page.append("\n## ")
            .append(range.codes())
            .append(": ")
            .append(range.title())
            .append("\n\n");
        page.append(range.question()).append("\n\n");
        page.append("| code | when all is well | worst | looks at | mended by | rows |\n");
        page.append("|---|---|---|---|---|---|\n");
        ofRange.forEach(check -> page.append(row(check)));
      }
    }
    page.append(
        """

        ## Istio's analyzer

        `istioctl analyze` looks at configuration; its messages (IST0xxx, all that Istio has today) and who says the like here. What is about routing
        or telemetry alone has no counterpart: the doctor is about security.

        | message | name | here |
        |---|---|---|
        """);
    for (Message message : messages()) {
      String named =
          CHECKS.stream()
              .filter(check -> messagesOf(check).contains(message.code()))
              .map(check -> "[%1$s](errors/%1$s.md)".formatted(check.code()))
              .collect(Collectors.joining(", "));
      page.append(
          "| %s | %s | %s |\n"
              .formatted(
                  message.code(), message.name(), named.isEmpty() ? message.otherwise() : named));
    }
    return page.toString();
  }

  private static String row(CheckInfo check) {
    return "| [%1$s](errors/%1$s.md) | %2$s | %3$s | %4$s | %5$s | %6$s |\n"
        .formatted(
            check.code(),
            check.title().replace("|", "\\|"),
            check.worst() == Status.FAIL ? "fail" : "warning",
            Arrays.stream(Source.values())
                .filter(check.reads()::contains)
                .map(CatalogueDocumentTest::word)
                .collect(Collectors.joining(", ")),
            switch (check.fix()) {
              case EXPLAINED -> "–";
              case SAFE -> "`--fix`";
              case CONSENTED -> "`--fix=" + check.code() + "`";
              case PRINTED -> "a command";
            },
            String.join(" ", check.runbook()));
  }

  private static String word(Source source) {
    return source == Source.CONFIG ? "proxies" : source.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> messagesOf(CheckInfo check) {
    return MESSAGE.matcher(check.istio().orElse("")).results().map(MatchResult::group).toList();
  }

  private static List<Message> messages() {
    try (var in = CatalogueDocumentTest.class.getResourceAsStream("istio-messages.tsv")) {
      if (in == null) {
        throw new IllegalStateException("the list of Istio's messages is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", -1))
          .map(part -> new Message(part[0], part[1], part[2]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
