package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Malformed and malicious requests, each with the one right outcome ({@code attacks/http1.json}),
 * however TCP cuts them.
 */
class AttackTableTest {
  private static final HttpLimits LIMITS =
      HttpLimits.DEFAULT.withHead(4096, 20, 1024).withBodyBytes(1_000_000);

  private record Outcome(
      List<String> accepted, @Nullable String refused, int status, boolean unfinished) {}

  static Stream<JsonNode> attacks() throws Exception {
    try (InputStream in = AttackTableTest.class.getResourceAsStream("/attacks/http1.json")) {
      List<JsonNode> cases = new ArrayList<>();
      JsonMapper.shared().readTree(Objects.requireNonNull(in)).forEach(cases::add);
      return cases.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void hasItsOneOutcome(JsonNode attack) {
    Outcome expected = expected(attack);
    byte[] wire = attack.get("wire").asString().getBytes(StandardCharsets.ISO_8859_1);
    assertThat(outcome(attack, List.of(wire))).isEqualTo(expected);
    assertThat(outcome(attack, bytes(wire))).as("byte by byte").isEqualTo(expected);
    for (int cut = 1; cut < wire.length; cut++) {
      assertThat(outcome(attack, cut(wire, cut))).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  private static Outcome expected(JsonNode attack) {
    if (attack.has("refused")) {
      return new Outcome(
          List.of(), attack.get("refused").asString(), attack.get("status").asInt(), false);
    }
    List<String> messages = new ArrayList<>();
    attack.get("accepted").forEach(message -> messages.add(message.asString()));
    return new Outcome(messages, null, 0, attack.has("rest_incomplete"));
  }

  private static Outcome outcome(JsonNode attack, List<byte[]> pieces) {
    WireReader reader = new WireReader(LIMITS, BodyReader.Output.DATA);
    reader.read(pieces);
    HttpViolation violation = reader.violation();
    boolean rest = attack.has("rest");
    if (violation == null) {
      assertForwarded(attack, pieces);
    }
    return new Outcome(
        reader.messages().stream().map(WireReader.Message::line).toList(),
        violation == null ? null : violation.name(),
        violation == null ? 0 : violation.status(),
        reader.isMidMessage() && !rest && violation == null);
  }

  private static void assertForwarded(JsonNode attack, List<byte[]> pieces) {
    if (attack.has("forwarded")) {
      WireReader framed = new WireReader(LIMITS, BodyReader.Output.FRAMED);
      framed.read(pieces);
      assertThat(framed.forwarded()).isEqualTo(attack.get("forwarded").asString());
    }
  }

  private static List<byte[]> bytes(byte[] wire) {
    List<byte[]> pieces = new ArrayList<>();
    for (byte b : wire) {
      pieces.add(new byte[] {b});
    }
    return pieces;
  }

  private static List<byte[]> cut(byte[] wire, int at) {
    return List.of(
        java.util.Arrays.copyOfRange(wire, 0, at),
        java.util.Arrays.copyOfRange(wire, at, wire.length));
  }
}
