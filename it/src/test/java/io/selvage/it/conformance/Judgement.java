package io.selvage.it.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Compares an outcome with what is right. */
final class Judgement {
  private Judgement() {}

  /** What is wrong, one sentence each; none when all is right. */
  static List<String> faults(Expectation expected, Outcome got) {
    List<String> faults = new ArrayList<>();
    switch (got) {
      case Outcome.Connected(Outcome.Connection connection) ->
          differ(faults, "outcome", of(expected), connection.toString());
      case Outcome.Answered(int status, var body, var seen, var _) -> {
        differ(faults, "outcome", of(expected), Integer.toString(status));
        if (faults.isEmpty()) {
          expected
              .body()
              .ifPresent(text -> body.ifPresent(words -> differ(faults, "body", text, words)));
          if (status == 200 && seen.isEmpty()) {
            faults.add("a 200 that is not the application's: " + body.orElse(""));
          }
          expected.sees().ifPresent(sees -> compare(faults, sees, seen));
        }
      }
    }
    return faults;
  }

  private static String of(Expectation expected) {
    return expected
        .status()
        .map(Object::toString)
        .or(() -> expected.connection().map(Object::toString))
        .orElseThrow();
  }

  private static void compare(
      List<String> faults, Expectation.Sees sees, Optional<Outcome.Seen> seen) {
    if (seen.isEmpty()) {
      faults.add("the application saw nothing");
      return;
    }
    Outcome.Seen got = seen.get();
    sees.method().ifPresent(method -> differ(faults, "method seen", method, got.method()));
    sees.path().ifPresent(path -> differ(faults, "path seen", path, got.target()));
    sees.host().ifPresent(host -> differ(faults, "host seen", host, got.host()));
    if (got.headers().isEmpty()) {
      return; // a subject without an application
    }
    sees.headers()
        .forEach(
            (name, value) ->
                differ(faults, "header " + name, value, got.header(name).orElse("(none)")));
    sees.matches()
        .forEach(
            (name, regex) -> {
              String value = got.header(name).orElse("(none)");
              if (!value.matches(regex)) {
                faults.add("header %s seen: \"%s\", not %s".formatted(name, value, regex));
              }
            });
    for (String name : sees.without()) {
      got.header(name.toLowerCase(Locale.ROOT))
          .ifPresent(value -> faults.add("header %s seen: \"%s\"".formatted(name, value)));
    }
  }

  private static void differ(List<String> faults, String what, String expected, String got) {
    if (!expected.equals(got)) {
      faults.add("%s: expected \"%s\", got \"%s\"".formatted(what, expected, got));
    }
  }
}
