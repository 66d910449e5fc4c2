package io.selvage.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.policy.Authorization;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.ConnectionAuthorization;
import io.selvage.policy.ConnectionFacts;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.RecordedRequest;
import io.selvage.policy.ReferenceEvaluator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Resources as somebody wrote them: read, or refused with a place; whatever policies come of it
 * translate, compile, and decide as the reference does.
 */
public final class YamlTarget implements FuzzTarget {
  private static final Path GOLDEN = Path.of("../model/src/test/golden");
  private static final InetAddress HERE = InetAddress.ofLiteral("10.0.0.1");
  private static final List<ConnectionFacts> CONNECTIONS =
      List.of(
          new ConnectionFacts(Optional.empty(), HERE, HERE, 8080, Optional.empty()),
          new ConnectionFacts(
              Optional.of("spiffe://cluster.local/ns/sample/sa/sleep"),
              HERE,
              HERE,
              8000,
              Optional.of("a.example")));
  private static final List<RecordedRequest> REQUESTS =
      List.of(
          RecordedRequest.of("GET", "a.example", "/"),
          new RecordedRequest(
              "POST",
              "httpbin.sample:8000",
              "/headers",
              List.of(new RecordedRequest.Header("x-a", "b")),
              Optional.of(HERE),
              Optional.of(Map.of("iss", "i", "sub", "s", "aud", List.of("a")))));

  @Override
  public String name() {
    return "yaml";
  }

  @Override
  public List<byte[]> seeds() {
    try (Stream<Path> files = Files.walk(GOLDEN)) {
      List<byte[]> seeds = new ArrayList<>();
      for (Path file : files.filter(path -> path.endsWith("input.yaml")).sorted().toList()) {
        seeds.add(Files.readAllBytes(file));
      }
      return seeds;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<String> words() {
    return List.of(
        "---\n",
        "&a ",
        "*a",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "|\n",
        ">",
        "!!int ",
        "\t",
        "'",
        "\"",
        "? ",
        "\0",
        "\n  ",
        "~",
        "<<: ",
        "...\n",
        "%YAML 9.9\n",
        "\u00ed\u00a0\u0080",
        "rules:",
        "from:",
        "source:",
        "principals:",
        "notPrincipals:",
        "paths: [\"/{*}\"]",
        "when:",
        "key:",
        "values:",
        "action: DENY",
        "action: CUSTOM",
        "selector:",
        "matchLabels:",
        "\"*\"",
        "10.0.0.0/8",
        "kind: AuthorizationPolicy\n",
        "metadata:",
        "namespace: istio-system",
        "portLevelMtls:");
  }

  @Override
  public void run(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    ReadResult result = ResourceReader.read("x.yaml", text);
    for (Problem problem : result.problems()) {
      assertThat(problem.at().source()).isEqualTo("x.yaml");
      assertThat(problem.at().line()).isPositive();
    }
    assertThat(result.refused().isEmpty()).isEqualTo(!result.hasErrors());
    MeshSnapshot snapshot = MeshSnapshot.of(1, result.resources(), result.problems());
    List<AuthorizationPolicy> policies = snapshot.all(AuthorizationPolicy.class);
    if (!policies.isEmpty()) {
      for (IstioTranslation.Protocol protocol : IstioTranslation.Protocol.values()) {
        decide(policies, snapshot.meshConfig(), protocol);
      }
    }
  }

  private static void decide(
      List<AuthorizationPolicy> policies, MeshConfig mesh, IstioTranslation.Protocol protocol) {
    Authorization authorization =
        IstioTranslation.translate(policies, mesh, protocol).authorization();
    CompiledAuthorization compiled = CompiledAuthorization.compile(authorization);
    for (ConnectionFacts facts : CONNECTIONS) {
      ConnectionAuthorization connection = compiled.onConnection(facts);
      assertThat(connection.decideTcp())
          .isEqualTo(ReferenceEvaluator.decideFrom(authorization, 0, facts, null).decision());
      for (RecordedRequest request : REQUESTS) {
        assertThat(connection.decide(request.view()))
            .isEqualTo(
                ReferenceEvaluator.decideFrom(authorization, 0, facts, request.view()).decision());
      }
    }
  }
}
