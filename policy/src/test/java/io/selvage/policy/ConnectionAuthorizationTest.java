package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.RbacPolicy.RuleSet;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConnectionAuthorizationTest {
  private static final Matcher ANY = new Matcher.Always();

  @Test
  void isDecidedByTheConnectionWhenNoRequestMakesADifference() {
    Authorization authorization =
        new Authorization(
            List.of(
                enforced(Action.DENY, rule("bad", ANY, peer("spiffe://td/ns/a/sa/bad"))),
                enforced(
                    Action.ALLOW,
                    rule("good", ANY, peer("spiffe://td/ns/a/sa/good")),
                    rule("get", new Matcher.Method(exact("GET")), peer("spiffe://td/ns/a/sa/x")))));
    assertThat(decided(authorization, "spiffe://td/ns/a/sa/bad"))
        .isEqualTo(Decision.deny(Optional.of("bad")));
    assertThat(decided(authorization, "spiffe://td/ns/a/sa/good"))
        .isEqualTo(Decision.allow(Optional.of("good")));
    assertThat(decided(authorization, "spiffe://td/ns/a/sa/other"))
        .isEqualTo(Decision.DENIED_BY_DEFAULT);
    assertThat(decided(authorization, "spiffe://td/ns/a/sa/x")).isNull();
    assertThat(decided(Authorization.NONE, "spiffe://td/ns/a/sa/x")).isEqualTo(Decision.ALLOWED);
  }

  @Test
  void isDecidedAmongManyRulesToo() {
    RbacPolicy[] rules =
        IntStream.range(0, 1_000)
            .mapToObj(i -> rule("r" + i, ANY, peer("spiffe://td/ns/a/sa/" + i)))
            .toArray(RbacPolicy[]::new);
    Authorization authorization = new Authorization(List.of(enforced(Action.ALLOW, rules)));
    assertThat(decided(authorization, "spiffe://td/ns/a/sa/777"))
        .isEqualTo(Decision.allow(Optional.of("r777")));
    assertThat(decided(authorization, "spiffe://td/ns/a/sa/1777"))
        .isEqualTo(Decision.DENIED_BY_DEFAULT);
  }

  @Test
  void asksAndThenGoesOnBehindTheAuthorizer() {
    Authorization authorization =
        new Authorization(
            List.of(
                new Stage.Custom(
                    "p", new RuleSet(Action.DENY, List.of(rule("ask", ANY, ANY))), false),
                enforced(Action.DENY, rule("post", new Matcher.Method(exact("POST")), ANY))));
    ConnectionAuthorization connection =
        CompiledAuthorization.compile(authorization).onConnection(facts("spiffe://td/ns/a/sa/b"));
    RequestView post = RecordedRequest.of("POST", "a", "/").view();
    Decision asked = connection.decide(post);
    assertThat(asked).isEqualTo(Decision.ask("ask", "p", 1));
    assertThat(connection.decidedByConnection()).isNull();
    assertThat(connection.decideFrom(asked.resumeAt(), post, null))
        .isEqualTo(Decision.deny(Optional.of("post")));
  }

  @Test
  void hidesNoHeaderValueBehindAnother() {
    Matcher bar = new Matcher.Header("x", exact("bar"));
    RecordedRequest twice =
        new RecordedRequest(
            "GET",
            "a",
            "/",
            List.of(new RecordedRequest.Header("x", "baz"), new RecordedRequest.Header("x", "bar")),
            Optional.empty(),
            Optional.empty());
    assertThat(decides(Action.DENY, bar, twice)).isEqualTo(Decision.Verdict.DENY);
    assertThat(decides(Action.ALLOW, bar, twice)).isEqualTo(Decision.Verdict.DENY);
    assertThat(decides(Action.DENY, new Matcher.Not(bar), twice)).isEqualTo(Decision.Verdict.DENY);
    assertThat(decides(Action.ALLOW, new Matcher.Not(bar), twice)).isEqualTo(Decision.Verdict.DENY);
    Matcher twiceNot = new Matcher.Not(new Matcher.Not(bar));
    assertThat(decides(Action.DENY, twiceNot, twice)).isEqualTo(Decision.Verdict.DENY);
    assertThat(decides(Action.ALLOW, twiceNot, twice)).isEqualTo(Decision.Verdict.DENY);
  }

  @Test
  void notesWhatADryRunWouldDo() {
    Authorization authorization =
        new Authorization(
            List.of(
                new Stage.Rbac(
                    Optional.empty(),
                    Optional.of(
                        new RuleSet(
                            Action.ALLOW,
                            List.of(rule("get", new Matcher.Method(exact("GET")), ANY)))))));
    ConnectionAuthorization connection =
        CompiledAuthorization.compile(authorization).onConnection(facts("spiffe://td/ns/a/sa/b"));
    List<Note> notes = new ArrayList<>();
    assertThat(connection.hasNotes()).isTrue();
    assertThat(connection.decide(RecordedRequest.of("PUT", "a", "/").view(), notes::add))
        .isEqualTo(Decision.ALLOWED);
    assertThat(notes).containsExactly(new Note(0, true, Action.ALLOW, Optional.empty()));
    assertThat(notes.getFirst().wouldDeny()).isTrue();
  }

  private static Decision.Verdict decides(Action action, Matcher matcher, RecordedRequest request) {
    Authorization authorization =
        new Authorization(List.of(enforced(action, rule("r", ANY, matcher))));
    return CompiledAuthorization.compile(authorization)
        .onConnection(facts("spiffe://td/ns/a/sa/b"))
        .decide(request.view())
        .verdict();
  }

  private static @Nullable Decision decided(Authorization authorization, String peer) {
    return CompiledAuthorization.compile(authorization)
        .onConnection(facts(peer))
        .decidedByConnection();
  }

  private static ConnectionFacts facts(String peer) {
    return new ConnectionFacts(
        Optional.of(peer),
        InetAddress.ofLiteral("10.0.0.1"),
        InetAddress.ofLiteral("10.0.0.2"),
        80,
        Optional.empty());
  }

  private static Stage enforced(Action action, RbacPolicy... rules) {
    return new Stage.Rbac(Optional.of(new RuleSet(action, List.of(rules))), Optional.empty());
  }

  private static RbacPolicy rule(String id, Matcher permission, Matcher principal) {
    return new RbacPolicy(id, List.of(permission), List.of(principal));
  }

  private static Matcher peer(String uri) {
    return new Matcher.PeerPrincipal(exact(uri));
  }

  private static StringMatch exact(String value) {
    return new StringMatch.Exact(value, false);
  }
}
