package io.selvage.prove;

import io.selvage.policy.ByteSlice;
import io.selvage.policy.Reading;
import io.selvage.policy.RecordedRequest;
import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Space;
import io.selvage.prove.encode.Variable;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the values of a space that any request has, by the evaluators' own matching: a request
 * whose tests come out as no atom's do shows that atoms are missing.
 */
final class Locator {
  private final Space space;

  Locator(Space space) {
    this.space = space;
  }

  int[] values(SampleRequest request, Map<String, Boolean> agreement) {
    int[] values = new int[space.diagrams().levels()];
    for (Variable variable : space.variables()) {
      switch (variable) {
        case Variable.Answer answer ->
            values[answer.level()] =
                agreement.getOrDefault(((Field.Authorizer) answer.field()).provider(), false)
                    ? 1
                    : 0;
        case Variable.Text text ->
            values[text.level()] =
                text(text.field(), request)
                    .map(
                        each ->
                            text.offset()
                                + indexOf(text, satisfied(text.tests(), each, request), each))
                    .orElse(0);
        case Variable.Lines lines -> {
          List<String> given =
              request.headers().stream()
                  .filter(header -> header.name().equals(((Field.Header) lines.field()).name()))
                  .map(RecordedRequest.Header::value)
                  .toList();
          values[lines.level()] =
              given.isEmpty()
                  ? 0
                  : 1 + indexOf(lines, ids(lines.tests(), test -> ofLines(test, given)), given);
        }
        case Variable.Address address -> {
          InetAddress given =
              switch (address.field()) {
                case Field.SourceAddress _ -> request.source();
                case Field.RemoteAddress _ -> request.remote().orElse(request.source());
                default -> request.destination();
              };
          values[address.level()] =
              indexOf(
                  address,
                  ids(address.tests(), test -> ((FieldTest.Block) test).block().contains(given)),
                  given);
        }
        case Variable.Elements elements -> {
          for (String each : strings(((Field.Claim) elements.field()).path(), request)) {
            int[] ids = satisfied(elements.tests(), each, request);
            if (ids.length > 0) {
              values[elements.level() + indexOf(elements, ids, each)] = 1;
            }
          }
        }
      }
    }
    return values;
  }

  private static int indexOf(Variable variable, int[] ids, Object given) {
    List<int[]> patterns = variable.patterns();
    for (int i = 0; i < patterns.size(); i++) {
      if (Arrays.equals(patterns.get(i), ids)) {
        return i;
      }
    }
    throw new AssertionError(
        "no atom of %s for %s, which satisfies %s of %s"
            .formatted(variable.field(), given, Arrays.toString(ids), variable.tests()));
  }

  private static int[] ids(List<FieldTest> tests, java.util.function.Predicate<FieldTest> holds) {
    return IntStream.range(0, tests.size()).filter(id -> holds.test(tests.get(id))).toArray();
  }

  private static int[] satisfied(List<FieldTest> tests, String text, SampleRequest request) {
    return ids(
        tests,
        test ->
            switch (test) {
              case FieldTest.Text(StringMatch match) -> match.matches(text);
              case FieldTest.Template(var template, var reading) -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                yield template.matches(new ByteSlice().set(bytes, 0, bytes.length), reading);
              }
              case FieldTest.Target(StringMatch match) -> match.matches(target(request));
              case FieldTest.Lines _, FieldTest.Block _ -> throw new AssertionError(test);
            });
  }

  private static String target(SampleRequest request) {
    return request.headers().stream()
        .filter(header -> header.name().equals(":path"))
        .map(RecordedRequest.Header::value)
        .findFirst()
        .orElseThrow();
  }

  private static boolean ofLines(FieldTest test, List<String> lines) {
    FieldTest.Lines of = (FieldTest.Lines) test;
    String joined = String.join(",", lines);
    return of.anyOf().stream()
        .anyMatch(
            match ->
                match.matches(joined)
                    || (of.reading() == Reading.WIDE && lines.stream().anyMatch(match::matches)));
  }

  private static Optional<String> text(Field field, SampleRequest request) {
    return switch (field) {
      case Field.Peer _ -> request.principal();
      case Field.ServerName _ -> request.serverName();
      case Field.Method _ -> Optional.of(request.method());
      case Field.Path _ -> Optional.of(request.path());
      case Field.Host _ -> Optional.of(request.host());
      case Field.Issuer _ -> strings(List.of("iss"), request).stream().findFirst();
      case Field.Subject _ -> strings(List.of("sub"), request).stream().findFirst();
      default -> throw new AssertionError(field);
    };
  }

  /** The strings at a path of claims. */
  private static List<String> strings(List<String> path, SampleRequest request) {
    Object value = request.claims().orElse(Map.of());
    for (String name : path) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    List<String> strings = new ArrayList<>();
    switch (value) {
      case String one -> strings.add(one);
      case List<?> several ->
          several.forEach(
              each -> {
                if (each instanceof String one) {
                  strings.add(one);
                }
              });
      case null, default -> {}
    }
    return strings;
  }
}
