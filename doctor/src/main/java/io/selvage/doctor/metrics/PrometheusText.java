package io.selvage.doctor.metrics;

import io.selvage.doctor.evidence.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus' text format 0.0.4: the samples, without histograms' buckets. A line that is
 * none is passed over.
 */
public final class PrometheusText {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*})?\\s+(\\S+)(\\s+-?[0-9]+)?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private PrometheusText() {}

  /**
   * The samples of a page.
   *
   * @param pod whose page it is
   * @param wanted which names are
   */
  public static List<Metric> read(String pod, String page, Predicate<String> wanted) {
    List<Metric> all = new ArrayList<>();
    for (String line : page.split("\n", -1)) {
      if (line.isEmpty() || line.charAt(0) == '#') {
        continue;
      }
      Matcher sample = SAMPLE.matcher(line.strip());
      if (!sample.matches()) {
        continue;
      }
      String name = sample.group(1);
      if (name.endsWith("_bucket") || !wanted.test(name)) {
        continue;
      }
      try {
        all.add(new Metric(pod, name, labels(sample.group(2)), value(sample.group(3))));
      } catch (NumberFormatException e) {
        // no sample, then
      }
    }
    return all;
  }

  private static double value(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static Map<String, String> labels(@org.jspecify.annotations.Nullable String braced) {
    Map<String, String> all = new LinkedHashMap<>();
    if (braced != null) {
      Matcher label = LABEL.matcher(braced);
      while (label.find()) {
        all.put(label.group(1), unescaped(label.group(2)));
      }
    }
    return all;
  }

  private static String unescaped(String value) {
    return value.indexOf('\\') < 0
        ? value
        : value.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
  }
}
