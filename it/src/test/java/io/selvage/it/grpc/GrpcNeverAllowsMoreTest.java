package io.selvage.it.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.re2j.Pattern;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.xds.InternalRbacFilter;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.ByteSlice;
import io.selvage.policy.Cidr;
import io.selvage.policy.ConnectionFacts;
import io.selvage.policy.Decision;
import io.selvage.policy.Matcher;
import io.selvage.policy.PathTemplate;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.RbacPolicy.RuleSet;
import io.selvage.policy.ReferenceEvaluator;
import io.selvage.policy.RequestView;
import io.selvage.policy.StringMatch;
import io.selvage.xds.encode.RbacEncoder;
import io.selvage.xds.grpc.GrpcAuthorization;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * Whatever is enforced, grpc-java's own engine lets nothing through that the reference evaluator
 * stops; and where gRPC has a word for all of it and the call is plain, both say the same.
 */
class GrpcNeverAllowsMoreTest {
  private static final List<String> TEXTS = List.of("a", "b", "ab", "a/b", "a,b");
  private static final List<String> PATHS =
      List.of("/a/b", "/a/c", "/ab/b", "/b/a", "//a/b", "/a/b?x", "/a/../b", "/a%62/b");

  /** A call without TLS: identities are what the tests with real servers are for. */
  record Call(String path, String authority, List<String> values, Optional<String> forwarded) {
    boolean isPlain() {
      return values.size() < 2
          && values.stream().noneMatch(value -> value.contains(","))
          && forwarded.isEmpty()
          && path.matches("(/[a-c]+){2}");
    }
  }

  private static Arbitrary<StringMatch> matches(List<String> texts) {
    return Combinators.combine(Arbitraries.of(texts), Arbitraries.integers().between(0, 6))
        .as(
            (text, kind) ->
                switch (kind) {
                  case 0 -> new StringMatch.Any();
                  case 1 -> new StringMatch.NonEmpty();
                  case 2 -> new StringMatch.Prefix(text, false);
                  case 3 -> new StringMatch.Suffix(text, false);
                  case 4 -> new StringMatch.Contains(text, false);
                  case 5 -> new StringMatch.Regex(Pattern.compile(Pattern.quote(text) + ".*"));
                  default -> new StringMatch.Exact(text, false);
                });
  }

  private static Arbitrary<Matcher> permissions() {
    Arbitrary<Matcher> leaves =
        Arbitraries.oneOf(
            Arbitraries.of(new Matcher.Always(), new Matcher.Never()),
            matches(PATHS).map(Matcher.Path::new),
            Arbitraries.of("/{*}/b", "/a/{**}", "/{**}/b", "/a/{*}")
                .map(PathTemplate::parse)
                .map(Matcher.PathTemplateMatch::new),
            matches(TEXTS).map(match -> new Matcher.Header("x", match)),
            matches(TEXTS).map(match -> new Matcher.Header("grpc-x", match)),
            matches(TEXTS).map(Matcher.Host::new),
            matches(List.of("POST", "GET")).map(Matcher.Method::new),
            matches(TEXTS).map(Matcher.ServerName::new),
            matches(TEXTS).map(match -> new Matcher.Claim(List.of("aud"), match)),
            matches(TEXTS).map(match -> new Matcher.FilterMetadata("f", List.of("k"), match)),
            Arbitraries.of(8080, 8081).map(port -> new Matcher.DestinationPort(port, port)),
            Arbitraries.of("10.0.0.0/8", "127.0.0.0/8")
                .map(block -> new Matcher.DestinationIp(Cidr.parse(block))));
    return trees(leaves);
  }

  private static Arbitrary<Matcher> principals() {
    Arbitrary<Matcher> leaves =
        Arbitraries.oneOf(
            Arbitraries.of(new Matcher.Always(), new Matcher.PeerAuthenticated()),
            matches(TEXTS).map(Matcher.PeerPrincipal::new),
            matches(TEXTS).map(match -> new Matcher.Header("x", match)),
            matches(TEXTS).map(match -> new Matcher.Claim(List.of("sub"), match)),
            Arbitraries.of("10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16")
                .flatMap(
                    block ->
                        Arbitraries.of(
                            new Matcher.SourceIp(Cidr.parse(block)),
                            new Matcher.RemoteIp(Cidr.parse(block)))));
    return trees(leaves);
  }

  private static Arbitrary<Matcher> trees(Arbitrary<Matcher> leaves) {
    Arbitrary<Matcher> flat =
        Arbitraries.oneOf(leaves, leaves.map(Matcher.Not::new), lists(leaves));
    return Arbitraries.oneOf(flat, lists(flat), lists(flat).map(Matcher.Not::new));
  }

  private static Arbitrary<Matcher> lists(Arbitrary<Matcher> parts) {
    return Combinators.combine(parts.list().ofMinSize(1).ofMaxSize(3), Arbitraries.of(true, false))
        .as((list, all) -> all ? new Matcher.And(list) : new Matcher.Or(list));
  }

  @Provide
  Arbitrary<Authorization> authorizations() {
    Arbitrary<RbacPolicy> rules =
        Combinators.combine(permissions(), principals())
            .as((what, who) -> new RbacPolicy("rule", List.of(what), List.of(who)));
    Arbitrary<Stage> stages =
        Combinators.combine(
                Arbitraries.of(Action.values()),
                rules.list().ofMaxSize(2),
                Arbitraries.integers().between(0, 9))
            .as(GrpcNeverAllowsMoreTest::stage);
    return stages.list().ofMinSize(1).ofMaxSize(3).map(GrpcNeverAllowsMoreTest::named);
  }

  private static Stage stage(Action action, List<RbacPolicy> rules, int kind) {
    return kind == 0
        ? new Stage.Custom("someone", new RuleSet(Action.DENY, rules), true)
        : new Stage.Rbac(Optional.of(new RuleSet(action, rules)), Optional.empty());
  }

  /** Ids are unique, as those of policies are. */
  private static Authorization named(List<Stage> stages) {
    List<Stage> named = new ArrayList<>();
    for (Stage stage : stages) {
      String prefix = "s" + named.size() + "-";
      named.add(
          switch (stage) {
            case Stage.Rbac(var enforced, var shadow) ->
                new Stage.Rbac(enforced.map(rules -> numbered(rules, prefix)), shadow);
            case Stage.Custom(var provider, var rules, var unusable) ->
                new Stage.Custom(provider, numbered(rules, prefix), unusable);
          });
    }
    return new Authorization(named);
  }

  private static RuleSet numbered(RuleSet rules, String prefix) {
    List<RbacPolicy> all = new ArrayList<>();
    for (RbacPolicy rule : rules.rules()) {
      all.add(new RbacPolicy(prefix + all.size(), rule.permissions(), rule.principals()));
    }
    return new RuleSet(rules.action(), all);
  }

  @Provide
  Arbitrary<Call> calls() {
    return Combinators.combine(
            Arbitraries.of(PATHS),
            Arbitraries.of(TEXTS),
            Arbitraries.of(TEXTS).list().ofMaxSize(3),
            Arbitraries.of("10.1.1.1", "127.1.1.1").optional())
        .as(Call::new);
  }

  @Property(tries = 4000)
  void grpcAllowsNothingThatTheReferenceStops(
      @ForAll("authorizations") Authorization enforced, @ForAll("calls") Call call)
      throws Exception {
    boolean allowed = isAllowedByReference(enforced, call);
    var translated = GrpcAuthorization.of(enforced, Optional.empty(), Set.of());
    boolean allowedByGrpc = isAllowedByGrpc(translated, call);

    if (allowedByGrpc) {
      assertThat(allowed).as("%s lets %s through", translated.filters(), call).isTrue();
    }
    boolean wordForWord =
        translated.unsaid().values().stream()
            .flatMap(Set::stream)
            .allMatch(what -> what.startsWith("AUDIT"));
    if (wordForWord && call.isPlain()) {
      assertThat(allowedByGrpc).as("%s on %s", translated.filters(), call).isEqualTo(allowed);
    }
  }

  private static boolean isAllowedByReference(Authorization enforced, Call call) {
    var facts =
        new ConnectionFacts(
            Optional.empty(),
            InetAddress.ofLiteral("127.0.0.1"),
            InetAddress.ofLiteral("10.0.0.1"),
            8080,
            Optional.empty());
    return ReferenceEvaluator.decide(enforced, facts, new View(call)).decision().verdict()
        == Decision.Verdict.ALLOW;
  }

  private static boolean isAllowedByGrpc(GrpcAuthorization translated, Call call)
      throws InvalidProtocolBufferException {
    for (RuleSet rules : translated.filters()) {
      ServerInterceptor filter =
          InternalRbacFilter.createInterceptor(
              io.grpc
                  .xds
                  .shaded
                  .io
                  .envoyproxy
                  .envoy
                  .extensions
                  .filters
                  .http
                  .rbac
                  .v3
                  .RBAC
                  .newBuilder()
                  .setRules(
                      io.grpc.xds.shaded.io.envoyproxy.envoy.config.rbac.v3.RBAC.parseFrom(
                          RbacEncoder.encode(rules).toByteString()))
                  .build());
      var asked = new Asked(call);
      filter.interceptCall(asked, asked.metadata(), (_, _) -> new ServerCall.Listener<>() {});
      if (asked.denied) {
        return false;
      }
    }
    return true;
  }

  /** A call as our evaluator reads it, behind a proxy that normalises nothing. */
  private record View(Call call) implements RequestView {
    @Override
    public ByteSlice method() {
      return slice("POST");
    }

    @Override
    public ByteSlice authority() {
      return slice(call.authority());
    }

    @Override
    public ByteSlice path() {
      return slice(call.path().split("\\?", 2)[0]);
    }

    @Override
    public @Nullable ByteSlice header(String name, int index) {
      List<String> values =
          switch (name) {
            case "x", "grpc-x" -> call.values();
            case "x-forwarded-for" -> call.forwarded().stream().toList();
            case ":path" -> List.of(call.path());
            default -> List.of();
          };
      return index < values.size() ? slice(values.get(index)) : null;
    }

    @Override
    public @Nullable InetAddress remoteAddress() {
      return call.forwarded().map(InetAddress::ofLiteral).orElse(null);
    }

    @Override
    public @Nullable Map<String, ?> claims() {
      return null;
    }

    private static ByteSlice slice(String text) {
      return ByteSlice.copyOf(text);
    }
  }

  /** The same call as gRPC's engine reads it. */
  private static final class Asked extends ServerCall<String, String> {
    private final Call call;
    private boolean denied;

    Asked(Call call) {
      this.call = call;
    }

    Metadata metadata() {
      var metadata = new Metadata();
      for (String name : List.of("x", "grpc-x")) {
        for (String value : call.values()) {
          metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        }
      }
      call.forwarded()
          .ifPresent(
              value ->
                  metadata.put(
                      Metadata.Key.of("x-forwarded-for", Metadata.ASCII_STRING_MARSHALLER), value));
      return metadata;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      denied = status.getCode() == Status.Code.PERMISSION_DENIED;
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
      return AnyMethod.named(call.path().substring(1));
    }

    @Override
    public String getAuthority() {
      return call.authority();
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.newBuilder()
          .set(
              Grpc.TRANSPORT_ATTR_LOCAL_ADDR,
              new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 8080))
          .set(
              Grpc.TRANSPORT_ATTR_REMOTE_ADDR,
              new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 4000))
          .build();
    }

    @Override
    public void request(int messages) {
      throw new UnsupportedOperationException("no message comes");
    }

    @Override
    public void sendHeaders(Metadata headers) {
      throw new UnsupportedOperationException("no answer is given");
    }

    @Override
    public void sendMessage(String message) {
      throw new UnsupportedOperationException("no answer is given");
    }

    @Override
    public boolean isCancelled() {
      return false;
    }
  }
}
