package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.HttpFilter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection that is kept after a request whose body had to wait is read again. */
@Timeout(30)
class KeptConnectionPathTest {
  private static final String GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
  private static final String POST =
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 20\r\n\r\n" + "x".repeat(20);

  @Test
  void whoIsRefusedByTheApplicationMayAskAgain() throws Exception {
    try (TestMesh mesh =
            TestMesh.start(TestMesh.closedPort(), TestMesh.Options.PLAIN.permissive());
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(POST).answer()).startsWith("HTTP/1.1 503").doesNotContain("close");
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 503");
      assertThat(client.send(POST + GET).answer()).startsWith("HTTP/1.1 503");
      assertThat(client.answer()).startsWith("HTTP/1.1 503");
    }
  }

  @Test
  void whoGotNoAnswerInTimeMayAskAgain() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        TestMesh mesh =
            TestMesh.start(
                TestMesh.closedPort(), TestMesh.Options.PLAIN.within(Duration.ofMillis(200)));
        RawClient client = RawClient.connect(mesh.entry())) {
      TestMesh.discover(mesh.sleep(), mute.getLocalPort()); // no handshake ends there
      assertThat(client.send(POST).answer()).startsWith("HTTP/1.1 504").doesNotContain("close");
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 504");
    }
  }

  @Test
  void whoseBodyAnAuthorizerSawInPartMayAskAgain() throws Exception {
    String ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    try (RawBackend backend = new RawBackend(RawBackend.answeringMessages(ok));
        TestMesh mesh =
            TestMesh.start(
                backend.port(), TestMesh.Options.PLAIN.permissive().after(seeingTenBytes()));
        RawClient client = RawClient.connect(mesh.inboundAddress())) {
      assertThat(client.send(POST).answer()).startsWith("HTTP/1.1 200").doesNotContain("close");
      assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200");
    }
  }

  private static HttpFilter seeingTenBytes() {
    Matcher always = new Matcher.Always();
    RbacPolicy all = new RbacPolicy("ask", List.of(always), List.of(always));
    return new HttpFilter.Authorize(
        new Authorization(
            List.of(
                new Authorization.Stage.Custom(
                    "provider",
                    new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of(all)),
                    false))),
        List.of(
            new ExternalAuthorizer(
                "provider",
                "inbound|8000||", // the backend is the authorizer too
                Duration.ofSeconds(20),
                false,
                403,
                Optional.of(new ExternalAuthorizer.RequestBody(10, true, false)),
                new ExternalAuthorizer.Protocol.Http(
                    "/authz", List.of(), List.of(), List.of(), List.of(), List.of()))));
  }
}
