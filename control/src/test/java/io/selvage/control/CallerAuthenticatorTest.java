package io.selvage.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.Metadata;
import io.selvage.ca.auth.JoinTokens;
import io.selvage.pki.SpiffeId;
import io.selvage.xds.server.NodeAuthenticator.Evidence;
import io.selvage.xds.server.NodeId;
import io.selvage.xds.server.NodeRefusal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;

class CallerAuthenticatorTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOW);

  private final JoinTokens tokens = tokens();
  private final CallerAuthenticator callers = new CallerAuthenticator(tokens.authenticator());
  private final NodeId web =
      NodeId.of(
          Node.newBuilder()
              .setId("sidecar~10.0.0.1~web.default~default.svc.cluster.local")
              .build());

  private static JoinTokens tokens() {
    return JoinTokens.create("cluster.local", CLOCK, new SecureRandom());
  }

  private static Evidence token(String token) throws Exception {
    return token(token, Optional.of(SSLContext.getDefault().createSSLEngine().getSession()));
  }

  private static Evidence token(String token, Optional<SSLSession> tls) {
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return new Evidence(headers, tls, Optional.empty());
  }

  @Test
  void aTokenProvesItsWorkload() throws Exception {
    String token = tokens.issue("default", "web", Duration.ofMinutes(1));

    assertThat(callers.authenticate(token(token), web).spiffeId())
        .contains(SpiffeId.workload("cluster.local", "default", "web"));
  }

  @Test
  void aTokenOfAnotherNamespaceMayNotSpeakForTheNode() {
    String token = tokens.issue("other", "web", Duration.ofMinutes(1));

    assertThatThrownBy(() -> callers.authenticate(token(token), web))
        .isInstanceOf(NodeRefusal.class)
        .hasMessageContaining("another namespace");
  }

  @Test
  void aTokenThatEndedProvesNothing() {
    String token = tokens.issue("default", "web", Duration.ofHours(-1));

    assertThatThrownBy(() -> callers.authenticate(token(token), web))
        .isInstanceOf(NodeRefusal.class)
        .hasMessageContaining("the token proves nothing")
        .hasMessageNotContaining(token);
  }

  @Test
  void aTokenOfAnotherMeshProvesNothing() {
    String token = tokens().issue("default", "web", Duration.ofMinutes(1));

    assertThatThrownBy(() -> callers.authenticate(token(token), web))
        .isInstanceOf(NodeRefusal.class)
        .hasMessageContaining("the token proves nothing");
  }

  @Test
  void aTokenInPlaintextProvesNothing() {
    String token = tokens.issue("default", "web", Duration.ofMinutes(1));

    assertThatThrownBy(() -> callers.authenticate(token(token, Optional.empty()), web))
        .isInstanceOf(NodeRefusal.class)
        .hasMessageContaining("over TLS");
  }

  @Test
  void whoShowsNothingIsNobody() {
    var nothing = new Evidence(new Metadata(), Optional.empty(), Optional.empty());

    assertThatThrownBy(() -> callers.authenticate(nothing, web))
        .isInstanceOf(NodeRefusal.class)
        .hasMessageContaining("neither a client certificate nor a token");
  }
}
