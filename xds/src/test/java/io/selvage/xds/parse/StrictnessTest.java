package io.selvage.xds.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.selvage.pki.TrustBundle;
import io.selvage.policy.Matcher;
import io.selvage.policy.StringMatch;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class StrictnessTest {
  private static ParseResult parse(XdsType type, Message message) {
    return ResourceParser.parse(type, List.of(Any.pack(message)));
  }

  /** The sidecar's inbound listener with its HTTP connection manager changed. */
  private static Listener inbound(Consumer<HttpConnectionManager.Builder> change) {
    try {
      Listener.Builder listener =
          ((Listener)
                  ResourceEncoder.message(
                      Sidecar.inbound(List.of(Sidecar.deny(), Sidecar.allow("/")))))
              .toBuilder();
      FilterChain.Builder chain = listener.getFilterChainsBuilder(0);
      Filter.Builder filter = chain.getFiltersBuilder(chain.getFiltersCount() - 1);
      HttpConnectionManager.Builder http =
          filter.getTypedConfig().unpack(HttpConnectionManager.class).toBuilder();
      change.accept(http);
      filter.setTypedConfig(Any.pack(http.build()));
      return listener.build();
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static ParseResult changed(Consumer<HttpConnectionManager.Builder> change) {
    return parse(XdsType.LISTENER, inbound(change));
  }

  @Test
  void anUnknownFilterRefusesTheListenerAndSaysWhere() {
    ParseResult result =
        changed(
            http ->
                http.addHttpFilters(
                    0,
                    HttpFilter.newBuilder()
                        .setName("wasm")
                        .setTypedConfig(
                            Any.newBuilder()
                                .setTypeUrl(
                                    "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"))));
    assertThat(result.good()).isEmpty();
    assertThat(result.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.resource()).isEqualTo("virtualInbound");
              assertThat(problem.path())
                  .isEqualTo(
                      "filter_chains[0].filters[0].typed_config.http_filters[0].typed_config");
              assertThat(problem.reason()).contains("envoy.extensions.filters.http.wasm.v3.Wasm");
            });
  }

  @Test
  void aFieldThatThisBuildDoesNotKnowIsRefused() {
    UnknownFieldSet newer =
        UnknownFieldSet.newBuilder()
            .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    ParseResult result = changed(http -> http.setUnknownFields(newer));
    assertThat(result.problems()).singleElement().asString().contains("[999]");
  }

  @Test
  void whatChangesTheHostBeforePoliciesSeeItIsRefused() {
    assertThat(changed(http -> http.setStripAnyHostPort(true)).problems())
        .singleElement()
        .asString()
        .contains("strip_any_host_port");
  }

  @Test
  void aPathNormalisationThatIsNoneOfIstiosIsRefused() {
    assertThat(changed(http -> http.setMergeSlashes(true).clearNormalizePath()).problems())
        .singleElement()
        .asString()
        .contains("merge_slashes");
  }

  @Test
  void aDisabledFilterIsRefusedRatherThanRun() {
    assertThat(changed(http -> http.getHttpFiltersBuilder(1).setDisabled(true)).problems())
        .singleElement()
        .asString()
        .contains("http_filters[1].disabled");
  }

  @Test
  void filtersBehindTheRouterAreNotOverlooked() {
    Router router =
        Router.newBuilder()
            .addUpstreamHttpFilters(HttpFilter.newBuilder().setName("envoy.filters.http.rbac"))
            .build();

    assertThat(
            changed(
                    http ->
                        http.getHttpFiltersBuilder(http.getHttpFiltersCount() - 1)
                            .setTypedConfig(Any.pack(router)))
                .problems())
        .singleElement()
        .asString()
        .contains("upstream_http_filters");
  }

  @Test
  void aListenerWithoutRouterIsRefused() {
    assertThat(changed(http -> http.removeHttpFilters(http.getHttpFiltersCount() - 1)).problems())
        .singleElement()
        .asString()
        .contains("router");
  }

  @Test
  void allReasonsOfAllResourcesAreSaid() {
    Listener bad =
        inbound(http -> http.setStripAnyHostPort(true).setMergeSlashes(true).clearNormalizePath());
    Message good = ResourceEncoder.message(Sidecar.outbound("8000"));
    ParseResult result =
        ResourceParser.parse(XdsType.LISTENER, List.of(Any.pack(bad), Any.pack(good)));
    assertThat(result.good()).containsOnlyKeys("0.0.0.0_8000");
    assertThat(result.problems()).hasSize(2);
    assertThat(ParseResult.describe(result.problems())).startsWith("SLV7301: ");
  }

  @Test
  void everyCaseOfPermissionIsUnderstoodOrRefusedByName() {
    for (FieldDescriptor field : Permission.getDescriptor().getOneofs().getFirst().getFields()) {
      List<String> problems = new ArrayList<>();
      Permission permission = (Permission) filled(Permission.newBuilder(), field);
      At at = At.root((path, reason) -> problems.add(path + " " + reason));
      FieldCheck.check(permission, at);
      Matcher matcher = RbacParser.permission(permission, at);
      if (problems.isEmpty()) {
        assertThat(matcher).as(field.getName()).isNotInstanceOf(Matcher.Never.class);
      } else {
        assertThat(String.join(" ", problems)).as(field.getName()).contains(field.getName());
      }
    }
  }

  @Test
  void everyCaseOfPrincipalIsUnderstoodOrRefusedByName() {
    for (FieldDescriptor field : Principal.getDescriptor().getOneofs().getFirst().getFields()) {
      List<String> problems = new ArrayList<>();
      Principal principal = (Principal) filled(Principal.newBuilder(), field);
      At at = At.root((path, reason) -> problems.add(path + " " + reason));
      FieldCheck.check(principal, at);
      Matcher matcher = RbacParser.principal(principal, at);
      if (problems.isEmpty()) {
        assertThat(matcher).as(field.getName()).isNotInstanceOf(Matcher.Never.class);
      } else {
        assertThat(String.join(" ", problems))
            .as(field.getName())
            .containsIgnoringCase(field.getName());
      }
    }
  }

  private static Message filled(Message.Builder builder, FieldDescriptor field) {
    Object value =
        switch (field.getJavaType()) {
          case BOOLEAN -> true;
          case INT -> 8000;
          case MESSAGE -> builder.newBuilderForField(field).build();
          default -> throw new AssertionError(field.getFullName());
        };
    return builder.setField(field, value).build();
  }

  @Test
  void anInvertedHeaderMatchDoesNotHoldWithoutTheHeader() {
    HeaderMatcher inverted =
        HeaderMatcher.newBuilder()
            .setName("X-Role")
            .setInvertMatch(true)
            .setStringMatch(StringMatcher.newBuilder().setExact("guest"))
            .build();
    Matcher matcher =
        RbacParser.permission(
            Permission.newBuilder().setHeader(inverted).build(),
            At.root((path, reason) -> assertThat(reason).isEmpty()));
    assertThat(matcher)
        .isEqualTo(
            new Matcher.And(
                List.of(
                    new Matcher.Header("x-role", new StringMatch.Any()),
                    new Matcher.Not(
                        new Matcher.Header("x-role", new StringMatch.Exact("guest", false))))));
  }

  @Test
  void rulesComeInTheOrderOfTheirIds() {
    RBAC rbac =
        RBAC.newBuilder()
            .putPolicies("b", io.envoyproxy.envoy.config.rbac.v3.Policy.getDefaultInstance())
            .putPolicies("a", io.envoyproxy.envoy.config.rbac.v3.Policy.getDefaultInstance())
            .build();
    assertThat(RbacParser.parse(rbac, At.root((path, reason) -> {})).rules())
        .extracting(rule -> rule.id())
        .containsExactly("a", "b");
  }

  @Test
  void everyNameOfTheTableIsAFieldOfItsMessage() {
    assertThat(Understood.messages()).hasSizeGreaterThan(80);
    assertThat(Understood.passedOverFilters()).isNotEmpty();
    Understood.messages()
        .forEach(
            (message, fields) ->
                assertThat(fields.passes())
                    .allSatisfy(
                        field ->
                            assertThat(Understood.reason(message, field))
                                .as("because …: in understood.txt, of %s.%s", message, field)
                                .isPresent()));
    TableNames.check(Understood.messages());
  }

  @Test
  void secretsAreReadBackWithTheSameKeyAndRoots() {
    for (Secret secret : Sidecar.secrets()) {
      ParseResult result =
          ResourceParser.parse(XdsType.SECRET, List.of(ResourceEncoder.encode(secret)));
      assertThat(result.problems()).isEmpty();
      switch (secret) {
        case Secret.Validation validation ->
            assertThat(result.good()).containsEntry("ROOTCA", validation);
        case Secret.Certificate certificate ->
            assertThat(result.good().values())
                .singleElement()
                .isInstanceOfSatisfying(
                    Secret.Certificate.class,
                    read -> {
                      assertThat(read.certificate().sha256Hex())
                          .isEqualTo(certificate.certificate().sha256Hex());
                      assertThat(read.certificate().privateKey())
                          .isEqualTo(certificate.certificate().privateKey());
                    });
      }
    }
  }

  @Test
  void bundlesByTrustDomainAreReadBackAndNoOtherValidatorIs() {
    TrustBundle roots =
        Sidecar.secrets().stream()
            .filter(Secret.Validation.class::isInstance)
            .map(secret -> ((Secret.Validation) secret).roots())
            .findFirst()
            .orElseThrow();
    var secret =
        new Secret.Validation("ROOTCA", roots, Map.of("east.mesh", roots, "west.mesh", roots));
    assertThat(ResourceParser.parse(XdsType.SECRET, List.of(ResourceEncoder.encode(secret))).good())
        .containsEntry("ROOTCA", secret);
    var another =
        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.newBuilder()
            .setName("ROOTCA");
    var context = another.getValidationContextBuilder();
    context.getTrustedCaBuilder().setInlineString(roots.pem());
    context.getCustomValidatorConfigBuilder().getTypedConfigBuilder().setTypeUrl("t/another");
    assertThat(
            ResourceParser.parse(
                    XdsType.SECRET, List.of(com.google.protobuf.Any.pack(another.build())))
                .problems())
        .isNotEmpty();
  }

  @Test
  void nothingOfASecretGetsIntoAProblem() {
    var secret =
        io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.newBuilder()
            .setName("default");
    secret
        .getTlsCertificateBuilder()
        .getPrivateKeyBuilder()
        .setInlineString("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
    ParseResult result = parse(XdsType.SECRET, secret.build());
    assertThat(result.problems()).isNotEmpty();
    assertThat(ParseResult.describe(result.problems())).doesNotContain("c2VjcmV0");
  }

  @Test
  void randomBytesAreAProblem() {
    RandomGenerator random = new java.util.Random(7);
    for (XdsType type : XdsType.values()) {
      for (int i = 0; i < 200; i++) {
        byte[] bytes = new byte[1 + random.nextInt(200)];
        random.nextBytes(bytes);
        Any any =
            Any.newBuilder().setTypeUrl(type.url()).setValue(ByteString.copyFrom(bytes)).build();
        assertThat(ResourceParser.parse(type, List.of(any)).good()).isEmpty();
      }
    }
  }

  @Test
  void aMatcherNestedTooDeepIsAProblem() {
    Permission permission = Permission.newBuilder().setAny(true).build();
    for (int i = 0; i < 2000; i++) {
      permission = Permission.newBuilder().setNotRule(permission).build();
    }
    RBAC.Builder rules = RBAC.newBuilder();
    rules.putPolicies(
        "deep",
        io.envoyproxy.envoy.config.rbac.v3.Policy.newBuilder()
            .addPermissions(permission)
            .addPrincipals(Principal.newBuilder().setAny(true))
            .build());
    ParseResult result =
        changed(
            http ->
                http.getHttpFiltersBuilder(1)
                    .setTypedConfig(
                        Any.pack(
                            io.envoyproxy
                                .envoy
                                .extensions
                                .filters
                                .http
                                .rbac
                                .v3
                                .RBAC
                                .newBuilder()
                                .setRules(rules)
                                .build())));
    assertThat(result.good()).isEmpty();
  }

  @Test
  void aGiantIsRefusedUnread() {
    Any any =
        Any.newBuilder()
            .setTypeUrl(XdsType.LISTENER.url())
            .setValue(ByteString.copyFrom(new byte[ResourceParser.MAX_BYTES + 1]))
            .build();
    assertThat(ResourceParser.parse(XdsType.LISTENER, List.of(any)).problems())
        .singleElement()
        .asString()
        .contains("bytes; at most");
  }

  @Test
  void theWrongTypeIsAProblem() {
    assertThat(parse(XdsType.LISTENER, ResourceEncoder.message(Sidecar.routes("8000"))).problems())
        .first()
        .asString()
        .contains("RouteConfiguration");
  }

  private static ParseResult tlsInspectorOffAt(ListenerFilterChainMatchPredicate.Builder ports) {
    Listener.Builder listener = inbound(http -> {}).toBuilder().clearListenerFilters();
    listener.addListenerFilters(
        ListenerFilter.newBuilder()
            .setName("envoy.filters.listener.tls_inspector")
            .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance()))
            .setFilterDisabled(ports));
    return parse(XdsType.LISTENER, listener.build());
  }

  private static ListenerFilterChainMatchPredicate.Builder range(int start, int end) {
    return ListenerFilterChainMatchPredicate.newBuilder()
        .setDestinationPortRange(Int32Range.newBuilder().setStart(start).setEnd(end));
  }

  @Test
  void portsAtWhichNobodyLooksForTlsAreRead() {
    var both =
        ListenerFilterChainMatchPredicate.newBuilder()
            .setOrMatch(
                ListenerFilterChainMatchPredicate.MatchSet.newBuilder()
                    .addRules(range(9090, 9092))
                    .addRules(range(15006, 15008)));
    assertThat(tlsInspectorOffAt(both).good().values())
        .singleElement()
        .isInstanceOfSatisfying(
            io.selvage.xds.resource.Listener.class,
            listener ->
                assertThat(listener.notForTls())
                    .containsExactly(
                        new io.selvage.xds.resource.Listener.Ports(9090, 9091),
                        new io.selvage.xds.resource.Listener.Ports(15006, 15007)));
  }

  @Test
  void anotherWayToDisableTheTlsInspectorIsRefused() {
    var not = ListenerFilterChainMatchPredicate.newBuilder().setNotMatch(range(9090, 9092));
    assertThat(tlsInspectorOffAt(not).problems()).isNotEmpty();
    assertThat(tlsInspectorOffAt(range(9090, 9090)).problems()).isNotEmpty();
    assertThat(tlsInspectorOffAt(ListenerFilterChainMatchPredicate.newBuilder()).problems())
        .isNotEmpty();
  }
}
