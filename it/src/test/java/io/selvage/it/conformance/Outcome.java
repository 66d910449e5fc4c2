package io.selvage.it.conformance;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What came of a request. */
sealed interface Outcome {

  /** How a connection without an HTTP answer went. */
  enum Connection {
    /** The application sent back what it got. */
    ECHO,
    /** It ended, or was reset, without one byte from the application. */
    CLOSED;

    @JsonValue
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** There was no HTTP answer. */
  record Connected(Connection connection) implements Outcome {
    @Override
    public String toString() {
      return connection.toString();
    }
  }

  /**
   * There was one.
   *
   * @param body as text, each byte a character; empty for a subject that has no words for it
   * @param seen the request as the application got it; empty when the proxy answered
   * @param server what the answer says in {@code server}
   */
  record Answered(int status, Optional<String> body, Optional<Seen> seen, Optional<String> server)
      implements Outcome {
    @Override
    public String toString() {
      return seen.map(got -> status + ", the application saw " + got)
          .orElse(status + body.map(text -> " \"" + text + '"').orElse(""));
    }
  }

  /**
   * A request as the application got it.
   *
   * @param target path and query
   * @param headers in order; empty for a subject that forwards nothing and knows only the target
   */
  record Seen(String method, String target, String host, Optional<List<Header>> headers) {
    @Override
    public String toString() {
      return "%s %s for %s%s"
          .formatted(
              method,
              target,
              host,
              headers.orElse(List.of()).stream()
                  .map(each -> "; " + each.name() + ": " + each.value())
                  .collect(Collectors.joining()));
    }

    /** All values of a header, joined with commas. */
    Optional<String> header(String name) {
      List<Header> all = headers.orElse(List.of());
      List<Header> named = all.stream().filter(each -> each.name().equalsIgnoreCase(name)).toList();
      return named.isEmpty()
          ? Optional.empty()
          : Optional.of(named.stream().map(Header::value).collect(Collectors.joining(",")));
    }
  }

  /** Ended or reset without an answer. */
  Outcome CLOSED = new Connected(Connection.CLOSED);

  /** The application's echo. */
  Outcome ECHO = new Connected(Connection.ECHO);

  /** An answer of the proxy. */
  static Outcome refused(int status, String body) {
    return new Answered(status, Optional.of(body), Optional.empty(), Optional.empty());
  }

  /** An answer of the proxy in whatever words. */
  static Outcome refused(int status) {
    return new Answered(status, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
