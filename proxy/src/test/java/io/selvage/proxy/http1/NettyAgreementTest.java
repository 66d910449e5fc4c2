package io.selvage.proxy.http1;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import tools.jackson.databind.JsonNode;

/**
 * Whatever our codec accepts, Netty's reads the same way: method, target, headers, body, and where
 * the next message begins. Ours may refuse more; it may never understand something else.
 */
class NettyAgreementTest {
  private static final List<String> FRAGMENTS =
      List.of(
          "\r\n",
          "\r",
          "\n",
          "\0",
          " ",
          "\t",
          ":",
          ",",
          ";",
          "\"",
          "0",
          "1",
          "a",
          "-",
          "+",
          "x",
          "\u000b",
          "\u007f",
          "\u0085",
          "\u00a0",
          "\u00ff",
          "\r\n ",
          "\r\n\r\n",
          "chunked",
          "Transfer-Encoding: chunked\r\n",
          "Content-Length: 1\r\n",
          "Content-Length: 0\r\n",
          "Host: a.example\r\n",
          "Connection: close\r\n",
          "0\r\n\r\n",
          "1\r\nx\r\n",
          "HTTP/1.1",
          "GET / HTTP/1.1\r\nHost: b\r\n\r\n",
          "Expect: 100-continue\r\n",
          "Upgrade: h2c\r\n");

  private final List<String> seeds = new ArrayList<>();
  private final List<String> good = new ArrayList<>();

  NettyAgreementTest() throws Exception {
    for (JsonNode attack : AttackTableTest.attacks().toList()) {
      String wire = attack.get("wire").asString();
      if (wire.length() < 400) {
        seeds.add(wire);
        if (attack.has("accepted") && !attack.has("rest")) {
          good.add(wire);
        }
      }
    }
  }

  /** A change to a text: at a place, take away some characters, put some in. */
  private record Mutation(double where, int removed, String inserted) {
    String apply(String text) {
      int at = (int) (where * text.length());
      int end = Math.min(text.length(), at + removed);
      return text.substring(0, at) + inserted + text.substring(end);
    }
  }

  @Provide
  Arbitrary<String> wires() {
    Arbitrary<String> seed = Arbitraries.of(seeds);
    Arbitrary<Mutation> mutation =
        Combinators.combine(
                Arbitraries.doubles().between(0, 1),
                Arbitraries.frequency(Tuple.of(6, 0), Tuple.of(3, 1), Tuple.of(1, 7)),
                Arbitraries.of(FRAGMENTS).injectDuplicates(0.1))
            .as(Mutation::new);
    return Combinators.combine(
            Arbitraries.of(good).list().ofMaxSize(2), seed, mutation.list().ofMaxSize(3))
        .as(NettyAgreementTest::mutate);
  }

  private static String mutate(List<String> good, String seed, List<Mutation> mutations) {
    String text = String.join("", good) + seed;
    for (Mutation mutation : mutations) {
      text = mutation.apply(text);
    }
    return text;
  }

  @Property(tries = 5_000)
  void nettyReadsWhatWeAccept(@ForAll("wires") String wire) {
    int accepted = NettyReading.agrees(bytes(wire));
    Statistics.label("accepted")
        .collect(accepted > 0)
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 15));
  }

  @Property(tries = 2_000)
  void theCutsOfTcpMakeNoDifference(@ForAll("wires") String wire) {
    NettyReading.cutsMakeNoDifference(bytes(wire));
  }

  @Property(tries = 2_000)
  void nettyReadsWhatWeForwardTheSameWay(@ForAll("wires") String wire) throws Exception {
    NettyReading.agreesOnWhatIsForwarded(bytes(wire));
  }

  private static byte[] bytes(String wire) {
    return wire.getBytes(StandardCharsets.ISO_8859_1);
  }
}
