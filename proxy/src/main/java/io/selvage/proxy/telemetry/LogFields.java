package io.selvage.proxy.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A format string, taken apart: {@code %NAME%}, {@code %NAME(argument):limit%}, {@code %%}. */
final class LogFields {
  private static final Pattern OPERATOR =
      Pattern.compile("%(?:%|([A-Z][A-Z0-9_]*)(?:\\(((?:[^)])*)\\))?(?::([0-9]{1,6}))?%)");

  private LogFields() {}

  /**
   * The fields of a format.
   *
   * @throws LogFormatException if a percent sign begins nothing that is known
   */
  static List<LogField> parse(String format) {
    List<LogField> fields = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int at = 0;
    Matcher operator = OPERATOR.matcher(format);
    while (at < format.length()) {
      int percent = format.indexOf('%', at);
      if (percent < 0) {
        literal.append(format, at, format.length());
        break;
      }
      literal.append(format, at, percent);
      if (!operator.region(percent, format.length()).lookingAt()) {
        throw new LogFormatException(
            "access log format: no operator begins at '" + excerpt(format, percent) + "'");
      }
      @Nullable String name = operator.group(1);
      if (name == null) {
        literal.append('%');
      } else {
        flush(literal, fields);
        @Nullable String limit = operator.group(3);
        fields.add(
            LogOperators.of(
                name,
                operator.group(2),
                limit == null ? Integer.MAX_VALUE : Integer.parseInt(limit)));
      }
      at = operator.end();
    }
    flush(literal, fields);
    return List.copyOf(fields);
  }

  private static void flush(StringBuilder literal, List<LogField> fields) {
    if (!literal.isEmpty()) {
      fields.add(new LogField.Literal(literal.toString()));
      literal.setLength(0);
    }
  }

  private static String excerpt(String format, int at) {
    return format.substring(at, Math.min(format.length(), at + 20));
  }

  /** Appends the fields as text; {@code -} where there is no value. */
  static void append(List<LogField> fields, LogEntry entry, StringBuilder out) {
    for (LogField field : fields) {
      switch (field) {
        case LogField.Literal literal -> out.append(literal.text());
        case LogField.Count number -> append(number.value().of(entry), out);
        case LogField.Text text -> append(text.value().of(entry), text.limit(), out);
      }
    }
  }

  private static void append(long number, StringBuilder out) {
    if (number < 0) {
      out.append('-');
    } else {
      out.append(number);
    }
  }

  private static void append(@Nullable CharSequence text, int limit, StringBuilder out) {
    if (text == null) {
      out.append('-');
    } else {
      out.append(text, 0, Math.min(limit, text.length()));
    }
  }
}
