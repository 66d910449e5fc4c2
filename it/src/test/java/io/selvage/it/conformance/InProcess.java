package io.selvage.it.conformance;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage.Custom;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.ConnectionFacts;
import io.selvage.policy.Decision;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.ReferenceEvaluator;
import io.selvage.policy.RequestView;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The model's composition and one of {@code policy}'s evaluators in the test's own process, without
 * sockets. What a proxy does before policy (handshake, path, tokens) is done here in the shortest
 * way that Istio's documents allow, by code that no proxy runs.
 */
final class InProcess implements Subject {
  private static final Set<String> CODECS_OWN =
      Set.of(
          "content-length", "transfer-encoding", "connection", "upgrade", "host", "te", "expect");

  /** The protocols in TLS hellos by which a permissive port knows a sidecar. */
  private static final Set<String> SIDECARS_OWN =
      Set.of("istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2");

  /** How an authorization is evaluated. */
  private interface Evaluator {
    Decision decide(ConnectionFacts facts, @Nullable RequestView request);
  }

  /** Makes evaluators. */
  private interface Evaluation {
    Evaluator of(Authorization authorization);
  }

  private record Port(Evaluator custom, Evaluator rest) {}

  private final SubjectName name;
  private final Evaluation evaluation;
  private final TokenMint mint;
  private MeshSnapshot mesh = MeshSnapshot.EMPTY;
  private Port http;
  private Port tcp;
  private TokenRules tokens = new TokenRules(List.of(), InstantSource.system());

  private InProcess(SubjectName name, Evaluation evaluation, TokenMint mint) {
    this.name = name;
    this.evaluation = evaluation;
    this.mint = mint;
    this.http = port(Protocol.HTTP);
    this.tcp = port(Protocol.TCP);
  }

  /** By the evaluator that says what policy means. */
  static InProcess reference(TokenMint mint) {
    return new InProcess(
        SubjectName.REFERENCE,
        authorization ->
            (facts, request) -> ReferenceEvaluator.decide(authorization, facts, request).decision(),
        mint);
  }

  /** By the index that the proxy runs. */
  static InProcess index(TokenMint mint) {
    return new InProcess(
        SubjectName.INDEX,
        authorization -> {
          var compiled = CompiledAuthorization.compile(authorization);
          return (facts, request) -> {
            var connection = compiled.onConnection(facts);
            return request == null ? connection.decideTcp() : connection.decide(request);
          };
        },
        mint);
  }

  @Override
  public SubjectName name() {
    return name;
  }

  @Override
  public Optional<String> cannot(CaseSet set, Case one) {
    Request request = one.request();
    if (request.raw().isPresent()) {
      return Optional.of("the bytes on the wire are the question");
    }
    if (request.protocol() == Request.Protocol.TCP && carriesHttp(request)) {
      return Optional.of("bytes on an HTTP port are its codec's");
    }
    boolean codecs =
        !request.path().startsWith("/")
            || request.method().equals("CONNECT")
            || !request.method().matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
            || request.headers().stream().anyMatch(InProcess::isCodecs);
    return codecs ? Optional.of("the head is its codec's to judge") : Optional.empty();
  }

  private static boolean isCodecs(Header header) {
    return CODECS_OWN.contains(header.name().toLowerCase(java.util.Locale.ROOT))
        || !header.name().matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
        || header.value().chars().anyMatch(c -> c < ' ' && c != '\t');
  }

  @Override
  public void apply(CaseSet set) {
    mesh = ConfiguredSet.snapshot(set, mint, ConfiguredSet.mesh(set), 1);
    http = port(Protocol.HTTP);
    tcp = port(Protocol.TCP);
    tokens = new TokenRules(mesh.requestAuthenticationsFor(Stage.WORKLOAD), InstantSource.system());
  }

  /** CUSTOM stands before the check of tokens, everything else behind it. */
  private Port port(Protocol protocol) {
    Authorization all =
        IstioTranslation.translate(
                mesh.authorizationPoliciesFor(Stage.WORKLOAD), mesh.meshConfig(), protocol)
            .authorization();
    return new Port(
        evaluation.of(
            new Authorization(all.stages().stream().filter(Custom.class::isInstance).toList())),
        evaluation.of(
            new Authorization(
                all.stages().stream().filter(stage -> !(stage instanceof Custom)).toList())));
  }

  @Override
  public Outcome ask(Case one) {
    Request request = one.request().withTokens(mint);
    if (!connects(request)) {
      return Outcome.CLOSED;
    }
    var facts =
        new ConnectionFacts(
            request.as().map(id -> "spiffe://" + id),
            InetAddress.ofLiteral(request.from()),
            InetAddress.ofLiteral(Stage.SERVER),
            request.port(),
            request.isTls() && !request.serverName().isEmpty()
                // case tells no server names apart (RFC 6066, 3), and both proxies lower it
                ? Optional.of(request.serverName().toLowerCase(Locale.ROOT))
                : Optional.empty());
    return carriesHttp(request) ? answer(request, facts) : connection(facts);
  }

  /** Of a port that is declared HTTP; there a client that speaks xDS itself offers h2 alone. */
  private static boolean isHttp(Request request) {
    return request.port() == Stage.HTTP_PORT || request.port() == Stage.GRPC_PORT;
  }

  private static boolean carriesHttp(Request request) {
    return switch (request.port()) {
      case Stage.HTTP_PORT, Stage.GRPC_PORT -> true;
      case Stage.TCP_PORT -> false;
      default -> request.protocol() != Request.Protocol.TCP;
    };
  }

  /** What the port's mode and the handshake say. */
  private boolean connects(Request request) {
    Mode mode = mesh.effectivePeerAuthentication(Stage.WORKLOAD, request.port()).mode();
    if (!request.isTls()) {
      return mode != Mode.STRICT;
    }
    boolean terminated =
        switch (mode) {
          case STRICT -> true;
          case PERMISSIVE ->
              request.offered().stream()
                  .anyMatch(
                      each ->
                          SIDECARS_OWN.contains(each) || (each.equals("h2") && isHttp(request)));
          case DISABLE, UNSET -> false; // the application gets TLS, which it does not speak
        };
    String domain = request.as().map(id -> id.substring(0, id.indexOf('/'))).orElse("");
    return terminated
        && request.as().isPresent()
        && request.certificate() == Request.Certificate.VALID
        && mesh.meshConfig().trustDomains().contains(domain);
  }

  private Outcome connection(ConnectionFacts facts) {
    return judged(tcp.custom, facts, null, false)
            .or(() -> judged(tcp.rest, facts, null, false))
            .isPresent()
        ? Outcome.CLOSED
        : Outcome.ECHO;
  }

  private Outcome answer(Request request, ConnectionFacts facts) {
    Optional<String> target =
        PathRules.normalized(request.path(), mesh.meshConfig().pathNormalization());
    if (target.isEmpty()) {
      return Outcome.refused(400);
    }
    boolean agrees =
        request.headers().stream()
            .filter(each -> each.is(Stage.CHECKED_HEADER))
            .map(Header::value)
            .toList()
            .equals(List.of(Stage.CHECKED_VALUE));
    var before = new RequestFacts(request, target.get(), null);
    Optional<Outcome> asked = judged(http.custom, facts, before, agrees);
    if (asked.isPresent()) {
      return asked.get();
    }
    TokenRules.Result token = tokens.check(request);
    if (token.refused().isPresent()) {
      return token.refused().get();
    }
    var after = new RequestFacts(request, target.get(), token.claims().orElse(null));
    return judged(http.rest, facts, after, false)
        .orElseGet(
            () ->
                new Outcome.Answered(
                    200,
                    Optional.empty(),
                    Optional.of(
                        new Outcome.Seen(
                            request.method(),
                            token.forwarded(target.get()),
                            request.host(),
                            Optional.empty())),
                    Optional.empty()));
  }

  /** The refusal, if it is one. */
  private static Optional<Outcome> judged(
      Evaluator policy, ConnectionFacts facts, @Nullable RequestView request, boolean agrees) {
    return switch (policy.decide(facts, request).verdict()) {
      case ALLOW -> Optional.empty();
      case DENY -> Optional.of(Outcome.refused(403, "RBAC: access denied"));
      case ASK ->
          agrees ? Optional.empty() : Optional.of(Outcome.refused(403, Stage.CHECK_REFUSAL));
    };
  }
}
