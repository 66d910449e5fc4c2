package io.selvage.doctor.mesh;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.selvage.doctor.evidence.LogLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A wording by which control planes say that something is wrong. Wordings change between versions,
 * so there are several for one {@code meaning}; all are looked for, since a mesh that is being
 * upgraded runs two. Kept in {@code log-signatures.json}, each with a line as it was seen.
 *
 * @param meaning what it says, such as {@code ca-authentication}
 * @param of whose wording, with the versions
 * @param pattern RE2, found anywhere in the line; its groups are named
 * @param sample a line that it is made for
 */
public record LogSignature(String meaning, String of, Pattern pattern, String sample) {
  /** A caller that the control plane could not authenticate. */
  public static final String CA_AUTHENTICATION = "ca-authentication";

  /** A handshake that the other side ended, since it does not trust our certificate. */
  public static final String BAD_CERTIFICATE = "bad-certificate";

  /** A call that the API server forbids. */
  public static final String FORBIDDEN = "forbidden";

  /** A webhook whose caBundle could not be written. */
  public static final String WEBHOOK_PATCH = "webhook-patch";

  /** A key set that could not be fetched. */
  public static final String JWKS = "jwks";

  /** A client's proxy that could not open TLS to a server. */
  public static final String UPSTREAM_TLS = "upstream-tls";

  /** A request or connection that policy denied. */
  public static final String POLICY_DENIED = "policy-denied";

  /** Configuration that a proxy refused. */
  public static final String CONFIGURATION_REFUSED = "configuration-refused";

  /** A proxy that has no stream to its control plane. */
  public static final String STREAM_LOST = "stream-lost";

  private static final List<LogSignature> ALL = read();

  /** Every one. */
  public static List<LogSignature> all() {
    return ALL;
  }

  /**
   * A line that says it.
   *
   * @param parts what the pattern's groups found; nothing for those that found nothing
   */
  public record Match(LogLine line, LogSignature signature, Map<String, String> parts) {
    /** What a group found; empty when nothing. */
    public String part(String name) {
      return parts.getOrDefault(name, "");
    }
  }

  /** The lines that say something, each once, by the first wording that fits. */
  public static List<Match> find(String meaning, List<LogLine> lines) {
    List<LogSignature> wordings = ALL.stream().filter(one -> one.meaning.equals(meaning)).toList();
    List<Match> found = new ArrayList<>();
    for (LogLine line : lines) {
      wordings.stream().flatMap(one -> one.match(line).stream()).findFirst().ifPresent(found::add);
    }
    return found;
  }

  /** Whether a line says it. */
  public Optional<Match> match(LogLine line) {
    Matcher matcher = pattern.matcher(line.text());
    if (!matcher.find()) {
      return Optional.empty();
    }
    Map<String, String> parts = new LinkedHashMap<>();
    pattern
        .namedGroups()
        .forEach(
            (name, index) -> {
              String part = matcher.group(index);
              if (part != null && !part.isEmpty()) {
                parts.put(name, part);
              }
            });
    return Optional.of(new Match(line, this, Map.copyOf(parts)));
  }

  private static List<LogSignature> read() {
    try (InputStream in = LogSignature.class.getResourceAsStream("log-signatures.json")) {
      if (in == null) {
        throw new IllegalStateException("log-signatures.json is not in the jar");
      }
      List<LogSignature> all = new ArrayList<>();
      for (JsonNode one : new ObjectMapper().readTree(in)) {
        all.add(
            new LogSignature(
                one.path("meaning").asString(),
                one.path("of").asString(),
                Pattern.compile(one.path("pattern").asString()),
                one.path("sample").asString()));
      }
      return List.copyOf(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
