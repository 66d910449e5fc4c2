package io.selvage.it.envoy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of Istio's default access log, taken apart field by field (Istio, "Getting Envoy's Access
 * Logs", default format).
 */
final class IstioLogLine {
  private static final List<String> FIELDS =
      List.of(
          "start",
          "request",
          "code",
          "flags",
          "details",
          "termination",
          "transport failure",
          "received",
          "sent",
          "duration",
          "service time",
          "forwarded for",
          "user agent",
          "request id",
          "authority",
          "upstream host",
          "upstream cluster",
          "upstream local",
          "downstream local",
          "downstream remote",
          "server name",
          "route");
  private static final Pattern TOKEN = Pattern.compile("\\[(\\S+)\\]|\"([^\"]*)\"|(\\S+)");

  private IstioLogLine() {}

  /** The fields by name, as they are. */
  static Map<String, String> fields(String line) {
    var values = new ArrayList<String>();
    Matcher token = TOKEN.matcher(line.strip());
    while (token.find()) {
      values.add(token.group().startsWith("[") ? token.group(1) : token.group());
    }
    if (values.size() != FIELDS.size()) {
      throw new AssertionError(
          "%d fields, not %d: %s".formatted(values.size(), FIELDS.size(), line));
    }
    var fields = new LinkedHashMap<String, String>();
    for (int i = 0; i < FIELDS.size(); i++) {
      fields.put(FIELDS.get(i), values.get(i));
    }
    return fields;
  }

  /** The same where what differs between two requests of one kind is replaced by its form. */
  static Map<String, String> form(String line, String server) {
    var form = new LinkedHashMap<String, String>();
    fields(line)
        .forEach(
            (name, value) ->
                form.put(
                    name,
                    switch (name) {
                      case "start" ->
                          value.replaceAll(
                              "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z", "T");
                      case "duration", "service time" -> value.replaceAll("^\\d+$", "N");
                      case "request id" ->
                          value.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID");
                      case "upstream local", "downstream remote" ->
                          value.replaceAll("^\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+$", "IP:PORT");
                      case "upstream host", "downstream local" ->
                          value.replaceAll("\\d+\\.\\d+\\.\\d+\\.\\d+:8000", "IP:8000");
                      default -> value.replaceAll("\\b" + server + "\\b", "SERVER");
                    }));
    return form;
  }
}
