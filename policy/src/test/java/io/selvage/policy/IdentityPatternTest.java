package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityPatternTest {
  private static final List<String> PATTERNS =
      List.of(
          ".*/ns/a/.*",
          ".*/ns/a\\.b/.*",
          "spiffe://.+/ns/a/(.+/|)sa/b(/.+)?",
          "spiffe://.+/ns/a\\.b/(.+/|)sa/b-c(/.+)?",
          "spiffe://.*/sa/b",
          "spiffe://.*b",
          ".+");
  private static final List<String> PARTS =
      List.of(
          "spiffe://",
          "/ns/a/",
          "/ns/",
          "ns/a/",
          "/",
          "a",
          "sa/b",
          "/sa/b",
          "b",
          "a.b",
          "b-c",
          "x",
          "\n",
          "td",
          "/ns/a.b/",
          "sa/b-c",
          "axb");

  @Property(tries = 20_000)
  void matchesWhatTheExpressionMatches(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(random.nextInt(4) > 0 ? "spiffe://" : "");
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    for (String regex : PATTERNS) {
      Pattern pattern = Pattern.compile(regex);
      IdentityPattern known = Objects.requireNonNull(IdentityPattern.of(pattern), regex);
      assertThat(known.matches(bytes, 0, bytes.length))
          .as("%s on %s", regex, text)
          .isEqualTo(pattern.matches(text.toString()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*/ns/a/.*|b",
        ".*/ns/a.*/.*",
        ".*/ns/(a)/.*",
        ".*/ns/a/b/.*",
        ".*/ns/\\d/.*",
        "spiffe://.+/ns/a/(.+/|)sa/b(/.+)?x",
        "spiffe://[^/]*x/.*",
        "a.*b.*c",
        "(?i)a.*b",
        "a",
        ".*"
      })
  void leavesOtherExpressionsToTheRegexEngine(String regex) {
    assertThat(IdentityPattern.of(Pattern.compile(regex))).isNull();
  }

  @Test
  void leavesExpressionsWithFlagsToTheRegexEngine() {
    assertThat(IdentityPattern.of(Pattern.compile(".*/ns/a/.*", Pattern.CASE_INSENSITIVE)))
        .isNull();
  }
}
