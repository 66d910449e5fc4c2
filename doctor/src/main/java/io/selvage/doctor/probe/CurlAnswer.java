package io.selvage.doctor.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What curl says of one request.
 *
 * @param exit curl's exit status
 * @param status of HTTP; 0 when there was none
 * @param body as it came
 * @param error curl's words; empty when there was no error
 */
public record CurlAnswer(int exit, int status, String body, String error) {
  private static final int SECONDS = 5;
  private static final int SHOWN = 200;
  private static final Pattern STATUS =
      Pattern.compile("(?s)(?<body>.*)\\n(?<status>[0-9]{3})\\n?");
  private static final String PEER = "x-forwarded-client-cert";

  /**
   * The command line of a GET that writes the body, and the status on a line of its own.
   *
   * @param headers such as {@code Name: value}
   */
  public static List<String> line(String url, String... headers) {
    List<String> line = command(headers);
    line.add(url);
    return line;
  }

  /** The same up to the URL. */
  public static List<String> command(String... headers) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "curl",
                "--silent",
                "--show-error",
                "--path-as-is",
                "--max-time",
                Integer.toString(SECONDS),
                "--max-filesize",
                "65536",
                "--user-agent",
                "selvage-doctor",
                "--write-out",
                "\\n%{http_code}\\n"));
    for (String header : headers) {
      line.add("--header");
      line.add(header);
    }
    return line;
  }

  /** Reads what a run of such a line came to. */
  public static CurlAnswer of(Ran ran) {
    String out = ran.out();
    Matcher matched = STATUS.matcher(out);
    boolean hasStatus = matched.matches();
    return new CurlAnswer(
        ran.exit(),
        hasStatus ? Integer.parseInt(matched.group("status")) : 0,
        hasStatus ? matched.group("body") : out,
        ran.err().strip());
  }

  /** In one word: an HTTP status, or how the connection ended. */
  public String result() {
    if (exit == 0 && status > 0) {
      return Integer.toString(status);
    }
    return switch (exit) {
      case 6 -> "unresolved";
      case 7 -> "refused";
      case 28 -> "timeout";
      case 52 -> "closed";
      case 55, 56 -> error.toLowerCase(Locale.ROOT).contains("reset") ? "reset" : "closed";
      case 1, 8 -> "answered"; // something that is no HTTP
      case 126, 127 -> "no curl";
      default -> "curl exit " + exit;
    };
  }

  /** What else is worth keeping. */
  Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("curl-exit", Integer.toString(exit));
    if (!error.isEmpty()) {
      details.put("error", error);
    }
    if (status >= 400) {
      details.put("body", body.substring(0, Math.min(SHOWN, body.length())).strip());
    }
    return details;
  }

  /** XFCC as an echo of headers saw it; empty when there was none, or the answer is no echo. */
  public Optional<String> peerSeen() {
    try {
      JsonNode headers = JsonMapper.shared().readTree(body).path("headers");
      return headers.properties().stream()
          .filter(header -> header.getKey().equalsIgnoreCase(PEER))
          .map(header -> header.getValue())
          .map(value -> value.isArray() ? value.path(0).asString("") : value.asString(""))
          .findFirst();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
