package io.selvage.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases themselves: that there are enough, and that a bad one is never passed over. */
class CasesTest {
  private static final int LEAST = 600;

  private static List<CaseSet> all() {
    return CaseReader.read(CaseReader.folder(), List.of());
  }

  @Test
  void thereAreManyCases() {
    assertThat(all().stream().mapToInt(set -> set.cases().size()).sum())
        .isGreaterThanOrEqualTo(LEAST);
  }

  @Test
  void everyFieldIsShownInEveryFormOfMatchPlainAndNegated() {
    assertThat(Coverage.holes(all()))
        .as("what no case shows, of %d", Coverage.wanted().size())
        .isEmpty();
  }

  private static String set(String fields, String cases) {
    return "{\"title\": \"t\", \"follows\": \"f\", \"resources\": []%s, \"cases\": [%s]}"
        .formatted(fields, cases);
  }

  private static String one(String request, String expect, String more) {
    return "{\"id\": \"a\", \"request\": {%s}, \"expect\": {%s}%s}"
        .formatted(request, expect, more);
  }

  private static String ok(String more) {
    return one("", "\"status\": 200", more);
  }

  static Stream<List<String>> bad() {
    return Stream.of(
        List.of("not JSON", "{"),
        List.of("two documents", set("", ok("")) + "{}"),
        List.of("a field of a set that there is not", set(", \"case\": []", ok(""))),
        List.of("no cases", set("", "")),
        List.of("an id twice", set("", ok("") + "," + ok(""))),
        List.of(
            "a field twice",
            set("", one("\"path\": \"/a\", \"path\": \"/b\"", "\"status\": 200", ""))),
        List.of(
            "a field of a request that there is not",
            set("", one("\"pth\": \"/\"", "\"status\": 200", ""))),
        List.of("nothing expected", set("", one("", "", ""))),
        List.of("two outcomes", set("", one("", "\"status\": 200, \"connection\": \"echo\"", ""))),
        List.of("an outcome that there is not", set("", one("", "\"connection\": \"open\"", ""))),
        List.of("seen though refused", set("", one("", "\"status\": 403, \"sees\": {}", ""))),
        List.of("no reason", set("", ok(", \"unsaid\": {\"grpc\": \"\"}"))),
        List.of("a subject that there is not", set("", ok(", \"unsaid\": {\"nginx\": \"why\"}"))),
        List.of(
            "a difference without an outcome",
            set("", ok(", \"differs\": {\"grpc\": {\"why\": \"w\"}}"))),
        List.of(
            "a difference without a reason",
            set("", ok(", \"differs\": {\"grpc\": {\"expect\": {\"status\": 403}}}"))),
        List.of(
            "TCP without bytes",
            set("", one("\"protocol\": \"tcp\"", "\"connection\": \"echo\"", ""))),
        List.of(
            "a character that is no byte",
            set("", one("\"path\": \"/\\u0100\"", "\"status\": 200", ""))),
        List.of(
            "a certificate of nobody",
            set("", one("\"certificate\": \"expired\"", "\"connection\": \"closed\"", ""))),
        List.of(
            "an address that nobody has",
            set("", one("\"from\": \"10.0.0.1\"", "\"status\": 200", ""))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void whatIsNotAsDocumentedIsRefusedByName(List<String> example) {
    assertThatThrownBy(() -> CaseReader.parse("area/name", example.get(1)))
        .as(example.get(0))
        .isInstanceOf(CaseReader.BadCase.class)
        .hasMessageStartingWith("area/name");
  }

  @Test
  void aWrongOutcomeIsFound() {
    CaseSet set =
        CaseReader.parse(
            "area/name",
            set("", one("", "\"status\": 403, \"body\": \"RBAC: access denied\"", "")));

    Trial trial = Trial.of(InProcess.reference(new TokenMint()), set).getFirst();

    assertThat(trial.result()).isEqualTo(Trial.Result.WRONG);
    assertThat(trial.describe()).contains("area/name#a", "expected \"403\", got \"200\"");
  }

  @Test
  void aDifferenceThatIsNoneIsWrong() {
    CaseSet set =
        CaseReader.parse(
            "area/name",
            set(
                "",
                ok(", \"differs\": {\"index\": {\"expect\": {\"status\": 403}, \"why\": \"w\"}}")));

    assertThat(Trial.of(InProcess.index(new TokenMint()), set).getFirst().result())
        .isEqualTo(Trial.Result.WRONG);
    assertThat(Trial.of(InProcess.reference(new TokenMint()), set).getFirst().result())
        .isEqualTo(Trial.Result.RIGHT);
  }
}
