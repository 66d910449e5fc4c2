package io.selvage.proxy.telemetry;

import io.selvage.proxy.telemetry.LogField.TextValue;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code %START_TIME%}: {@code 2026-01-31T23:59:59.123Z}, or in a strftime format of one's own. */
final class StartTime implements TextValue {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.", Locale.ROOT).withZone(ZoneOffset.UTC);

  /**
   * The text of one second, so that it is made once a second.
   *
   * @param second since 1970
   * @param text up to the decimal point
   */
  private record Second(long second, String text) {}

  private volatile Second last = new Second(Long.MIN_VALUE, "");

  static TextValue of(@Nullable String strftime) {
    if (strftime == null || strftime.isEmpty()) {
      return new StartTime();
    }
    DateTimeFormatter formatter = formatter(strftime);
    return entry -> formatter.format(Instant.ofEpochMilli(millis(entry)));
  }

  private static long millis(LogEntry entry) {
    RequestRecord request = entry.request();
    return request == null ? entry.connection().startMillis() : request.startMillis();
  }

  @Override
  public CharSequence of(LogEntry entry) {
    long millis = millis(entry);
    long second = Math.floorDiv(millis, 1000L);
    Second cached = last;
    if (cached.second != second) {
      cached = new Second(second, SECONDS.format(Instant.ofEpochSecond(second)));
      last = cached;
    }
    int fraction = (int) Math.floorMod(millis, 1000L);
    return cached.text + (fraction < 10 ? "00" : fraction < 100 ? "0" : "") + fraction + "Z";
  }

  private static DateTimeFormatter formatter(String strftime) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < strftime.length(); i++) {
      char c = strftime.charAt(i);
      if (c != '%') {
        pattern.append(c == '\'' ? "''" : Character.isLetter(c) ? "'" + c + "'" : "" + c);
      } else {
        int end = i + 1 < strftime.length() && Character.isDigit(strftime.charAt(i + 1)) ? 3 : 2;
        pattern.append(conversion(strftime, i, Math.min(strftime.length(), i + end)));
        i += end - 1;
      }
    }
    try {
      return DateTimeFormatter.ofPattern(pattern.toString(), Locale.ROOT).withZone(ZoneOffset.UTC);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new LogFormatException("%START_TIME(" + strftime + ")% is no time format");
    }
  }

  private static String conversion(String strftime, int start, int end) {
    String conversion = strftime.substring(start + 1, end);
    return switch (conversion) {
      case "Y" -> "uuuu";
      case "m" -> "MM";
      case "d" -> "dd";
      case "H" -> "HH";
      case "M" -> "mm";
      case "S" -> "ss";
      case "T" -> "HH:mm:ss";
      case "F" -> "uuuu-MM-dd";
      case "b" -> "MMM";
      case "a" -> "EEE";
      case "z" -> "xx";
      case "Z" -> "'UTC'";
      case "f", "9f" -> "SSSSSSSSS";
      case "1f", "2f", "3f", "4f", "5f", "6f", "7f", "8f" -> "S".repeat(conversion.charAt(0) - '0');
      case "%" -> "%";
      default ->
          throw new LogFormatException(
              "%START_TIME(" + strftime + ")%: the conversion %" + conversion + " is not known");
    };
  }
}
