package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.proxy.RawBackend;
import io.selvage.proxy.RawClient;
import io.selvage.proxy.TestMesh;
import io.selvage.proxy.fuzz.FuzzTarget;
import io.selvage.proxy.fuzz.Mutations;
import io.selvage.proxy.upstream.Http2Target;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Bent requests through a whole proxy, byte for byte: each connection ends, what the application is
 * sent is well-formed requests and nothing else, and none of them is one that policy denies.
 */
class WholeProxyFuzzTest {
  private static final int CONNECTIONS = 1_500;
  private static final String DENIED = "/admin";
  private static final List<String> DISGUISES =
      List.of(
          "/admin",
          "/%61dmin",
          "/x/../admin",
          "/./admin",
          "\\admin",
          "/admin/",
          "http://a/admin",
          "/%2e/admin",
          "/;/admin",
          "/admin?x",
          "/admin#x",
          "/x/..;/admin",
          "//../admin");
  private static final Authorization DENY =
      new Authorization(
          List.of(
              new Authorization.Stage.Rbac(
                  Optional.of(
                      new RbacPolicy.RuleSet(
                          RbacPolicy.Action.DENY,
                          List.of(
                              new RbacPolicy(
                                  "denied",
                                  List.of(new Matcher.Path(new StringMatch.Prefix(DENIED, false))),
                                  List.of(new Matcher.Always()))))),
                  Optional.empty())));

  @Test
  void overHttp1() throws Exception {
    FuzzTarget target = new RequestsTarget();
    List<byte[]> corpus = new ArrayList<>(target.seeds());
    for (String path : DISGUISES) {
      corpus.add(FuzzTarget.bytes("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"));
      corpus.add(
          FuzzTarget.bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET " + path));
    }
    List<String> words = new ArrayList<>(target.words());
    words.addAll(DISGUISES);
    send(corpus, words);
  }

  @Test
  void overHttp2() throws Exception {
    FuzzTarget target = new Http2Target(true);
    List<byte[]> corpus = new ArrayList<>(target.seeds());
    DISGUISES.forEach(path -> corpus.add(Http2Target.get(path)));
    List<String> words = new ArrayList<>(target.words());
    words.addAll(DISGUISES);
    send(corpus, words);
  }

  private static void send(List<byte[]> corpus, List<String> words) throws Exception {
    Mutations mutations = new Mutations(new Random(1), corpus, words);
    try (RawBackend backend =
            RawBackend.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        TestMesh mesh =
            TestMesh.start(backend.port(), TestMesh.Options.PLAIN.with(DENY).permissive())) {
      int answered = 0;
      for (int i = 0; i < CONNECTIONS; i++) {
        byte[] wire = i < corpus.size() ? corpus.get(i) : mutations.next();
        try (RawClient client = RawClient.connect(mesh.inboundAddress())) {
          answered += exchange(client, wire).isEmpty() ? 0 : 1;
        }
      }
      assertThat(answered).isGreaterThan(CONNECTIONS / 2);
      assertThat(backend.seen()).isNotEmpty();
      backend.seen().forEach(WholeProxyFuzzTest::assertWellFormed);
    }
  }

  private static String exchange(RawClient client, byte[] wire) throws Exception {
    try {
      client.send(wire);
      client.endOutput();
    } catch (SocketException e) {
      return "closed"; // before all of it was sent
    }
    return client.rest();
  }

  private static void assertWellFormed(String connection) {
    WireReader reader = new WireReader(HttpLimits.DEFAULT, BodyReader.Output.DATA);
    reader.read(List.of(connection.getBytes(StandardCharsets.ISO_8859_1)));
    assertThat(reader.violation()).as("in %s", connection).isNull();
    assertThat(reader.messages())
        .as("in %s", connection)
        .noneMatch(message -> message.path().startsWith(DENIED));
  }
}
