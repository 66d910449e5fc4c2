package io.selvage.proxy.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Texts that look like tokens: each is read or refused with a reason, and never anything else. */
class TokenFuzzTest {
  @Provide
  Arbitrary<String> tokens() {
    Arbitrary<String> json =
        Arbitraries.of(
                "{",
                "}",
                "\"alg\":\"RS256\"",
                "\"alg\":\"none\"",
                "\"alg\":1",
                ",",
                "\"iss\":\"a\"",
                "\"iss\":[\"a\"]",
                "\"exp\":1e99",
                "\"exp\":-1",
                "\"exp\":\"1\"",
                "\"aud\":[1]",
                "\"nbf\":18446744073709551616",
                "[",
                "]",
                "\"kid\":{}",
                "\"crit\":[]",
                "\0",
                "\ud83d",
                "\"a\":" + "[".repeat(2_000))
            .list()
            .ofMaxSize(6)
            .map(pieces -> encoded("{" + String.join("", pieces) + "}"));
    Arbitrary<String> part =
        Arbitraries.oneOf(
            json, Arbitraries.strings().withChars("aA0-_=+/. \u00e9").ofMaxLength(20));
    return Combinators.combine(part, part, part, Arbitraries.of(List.of(".", ".", ".", "..", "")))
        .as((header, payload, signature, dot) -> header + dot + payload + "." + signature);
  }

  private static String encoded(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Property(tries = 3_000)
  void everyTextIsReadOrRefused(@ForAll("tokens") String text) {
    try {
      Token token = Token.parse(text);
      assertThat(KeySet.ALGORITHMS).contains(token.header().getAlgorithm());
      assertThat(token.signed() + "." + token.signature()).isEqualTo(text);
    } catch (Token.Unreadable e) {
      assertThat(e.status()).isNotEqualTo(JwtStatus.OK);
    }
  }
}
