package io.selvage.cli.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The pages of the stable codes, as they are packed into the jar from {@code docs/errors}. */
final class ErrorPages {

  private static final Pattern CODE = Pattern.compile("(?:SLV)?(\\d{4})");

  private ErrorPages() {}

  /** {@code slv4001} and {@code 4001} as {@code SLV4001}; empty for anything else. */
  static Optional<String> code(String text) {
    var matcher = CODE.matcher(text.strip().toUpperCase(Locale.ROOT));
    return matcher.matches() ? Optional.of("SLV" + matcher.group(1)) : Optional.empty();
  }

  /** The Markdown page of {@code code}. */
  static Optional<String> page(String code) {
    try (var in = ErrorPages.class.getResourceAsStream("/io/selvage/cli/errors/" + code + ".md")) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
