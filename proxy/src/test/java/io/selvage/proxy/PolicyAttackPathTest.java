package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.NetworkStack.PathNormalization;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests that try to get around a policy by how they are spelt. */
class PolicyAttackPathTest {
  private RawBackend backend;

  @BeforeEach
  void startBackend() throws Exception {
    backend = RawBackend.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  }

  @AfterEach
  void stopBackend() throws Exception {
    backend.close();
  }

  private static Authorization when(Action action, Matcher request) {
    RbacPolicy policy = new RbacPolicy("rule", List.of(request), List.of(new Matcher.Always()));
    return new Authorization(
        List.of(
            new Authorization.Stage.Rbac(
                Optional.of(new RbacPolicy.RuleSet(action, List.of(policy))), Optional.empty())));
  }

  private static StringMatch exact(String value) {
    return new StringMatch.Exact(value, false);
  }

  private TestMesh mesh(Authorization authorization, PathNormalization paths) throws Exception {
    return TestMesh.start(
        backend.port(), TestMesh.Options.PLAIN.permissive().with(authorization).with(paths));
  }

  private static int status(TestMesh mesh, String wire) throws Exception {
    try (RawClient client = RawClient.connect(mesh.inboundAddress())) {
      return Integer.parseInt(client.send(wire).answer().substring(9, 12));
    }
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nhost: a\r\n\r\n";
  }

  /**
   * {@code attacks/paths.json}: what becomes of a path in each mode. The path that a rule sees is
   * the one that goes on, so that DENY of it and ALLOW of it decide on every spelling of it.
   */
  @ParameterizedTest
  @EnumSource(PathNormalization.class)
  void aPathIsOneForPolicyAndApplication(PathNormalization mode) throws Exception {
    for (JsonNode row : table("/attacks/paths.json")) {
      String path = row.get("path").asString();
      String normal = row.get(mode.name()).asString();
      Matcher rule = new Matcher.Path(exact(normal.isEmpty() ? path : normal));
      int refused = normal.isEmpty() ? 400 : 403;
      try (TestMesh mesh = mesh(when(Action.DENY, rule), mode)) {
        assertThat(status(mesh, get(path))).as("DENY %s", path).isEqualTo(refused);
        assertThat(status(mesh, get(path + "?q=/../x"))).as("with a query").isEqualTo(refused);
        assertThat(backend.seen()).isEmpty();
      }
      try (TestMesh mesh = mesh(when(Action.ALLOW, rule), mode)) {
        int passed = normal.isEmpty() ? 400 : 200;
        assertThat(status(mesh, get(path))).as("ALLOW %s", path).isEqualTo(passed);
        if (passed == 200) {
          assertThat(backend.seen().getLast()).startsWith("GET " + normal + " HTTP/1.1\r\n");
        }
      }
      stopBackend();
      startBackend();
    }
  }

  private static List<JsonNode> table(String name) throws Exception {
    try (InputStream in = PolicyAttackPathTest.class.getResourceAsStream(name)) {
      List<JsonNode> rows = new ArrayList<>();
      JsonMapper.shared().readTree(Objects.requireNonNull(in)).forEach(rows::add);
      return rows;
    }
  }

  @Test
  void aHostIsOneInWhateverCase() throws Exception {
    Matcher host = new Matcher.Host(new StringMatch.Exact("httpbin.foo", true));
    Map<Action, Integer> same = new EnumMap<>(Map.of(Action.DENY, 403, Action.ALLOW, 200));
    Map<Action, Integer> other = new EnumMap<>(Map.of(Action.DENY, 200, Action.ALLOW, 403));
    for (Action action : List.of(Action.DENY, Action.ALLOW)) {
      try (TestMesh mesh = mesh(when(action, host), PathNormalization.BASE)) {
        for (String name : List.of("httpbin.foo", "Httpbin.Foo", "HTTPBIN.FOO")) {
          String wire = "GET / HTTP/1.1\r\nhost: " + name + "\r\n\r\n";
          assertThat(status(mesh, wire)).as(name).isEqualTo(same.get(action));
          String absolute = "GET http://" + name + "/ HTTP/1.1\r\nhost: " + name + "\r\n\r\n";
          assertThat(status(mesh, absolute)).as("absolute " + name).isEqualTo(same.get(action));
        }
        // a port and the root's dot are part of a host, for Envoy as for us
        for (String name : List.of("httpbin.foo:80", "httpbin.foo.", "xhttpbin.foo")) {
          String wire = "GET / HTTP/1.1\r\nhost: " + name + "\r\n\r\n";
          assertThat(status(mesh, wire)).as(name).isEqualTo(other.get(action));
        }
      }
    }
  }

  /** CVE-2020-25017 and CVE-2026-26308: not the first value only, and not the joined one only. */
  @Test
  void aHeaderThatComesTwiceHidesNothing() throws Exception {
    Matcher header = new Matcher.Header("x-foo", exact("bar"));
    List<String> spellings =
        List.of(
            "x-foo: bar\r\n",
            "x-foo: baz\r\nx-foo: bar\r\n",
            "x-foo: bar\r\nx-foo: baz\r\n",
            "X-Foo: bar\r\nx-FOO: bar\r\n",
            "x-foo:bar\r\nx-foo:\r\n",
            "x-foo: bar \t\r\n");
    try (TestMesh mesh = mesh(when(Action.DENY, header), PathNormalization.BASE)) {
      for (String fields : spellings) {
        String wire = "GET / HTTP/1.1\r\nhost: a\r\n" + fields + "\r\n";
        assertThat(status(mesh, wire)).as(fields).isEqualTo(403);
      }
      assertThat(status(mesh, get("/"))).isEqualTo(200);
    }
    try (TestMesh mesh = mesh(when(Action.ALLOW, header), PathNormalization.BASE)) {
      assertThat(status(mesh, "GET / HTTP/1.1\r\nhost: a\r\nx-foo: bar\r\n\r\n")).isEqualTo(200);
      assertThat(status(mesh, "GET / HTTP/1.1\r\nhost: a\r\nx-foo: baz\r\nx-foo: bar\r\n\r\n"))
          .isEqualTo(403);
    }
  }

  /** CVE-2026-73552: bytes above 0x7f are bytes like others. */
  @Test
  void highBytesDoNotHideAValue() throws Exception {
    Matcher header = new Matcher.Header("x-foo", new StringMatch.Prefix("bar", false));
    try (TestMesh mesh = mesh(when(Action.DENY, header), PathNormalization.BASE)) {
      assertThat(status(mesh, "GET / HTTP/1.1\r\nhost: a\r\nx-foo: bar\u00ff\u00c3\r\n\r\n"))
          .isEqualTo(403);
    }
  }

  /** What a Connection header takes off, no rule rests on. */
  @Test
  void aConnectionHeaderHidesNothingFromPolicy() throws Exception {
    Matcher header = new Matcher.Header("x-foo", exact("bar"));
    try (TestMesh mesh = mesh(when(Action.ALLOW, header), PathNormalization.BASE)) {
      String wire = "GET / HTTP/1.1\r\nhost: a\r\nx-foo: bar\r\nconnection: x-foo\r\n\r\n";
      assertThat(status(mesh, wire)).isEqualTo(403);
    }
    try (TestMesh mesh = mesh(when(Action.DENY, header), PathNormalization.BASE)) {
      String wire = "GET / HTTP/1.1\r\nhost: a\r\nx-foo: bar\r\nconnection: X-Foo\r\n\r\n";
      assertThat(status(mesh, wire)).isEqualTo(200);
      assertThat(backend.seen().getLast()).doesNotContain("x-foo");
    }
  }

  @Test
  void aMethodIsOneInItsCaseOnly() throws Exception {
    Matcher get = new Matcher.Method(exact("GET"));
    try (TestMesh mesh = mesh(when(Action.ALLOW, get), PathNormalization.BASE)) {
      assertThat(status(mesh, get("/"))).isEqualTo(200);
      assertThat(status(mesh, "get / HTTP/1.1\r\nhost: a\r\n\r\n")).isEqualTo(403);
      assertThat(status(mesh, "GET / HTTP/1.1\r\nhost: a\r\nx-http-method-override: PUT\r\n\r\n"))
          .isEqualTo(200);
    }
  }
}
