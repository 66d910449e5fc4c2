package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.policy.IstioTranslation.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One folder for each field, form and rule of AuthorizationPolicy: {@code policy.yaml}, {@code
 * requests.yaml}, and the {@code verdicts.txt} that reference and index must both come to. With
 * {@code -Dselvage.golden.update=true} the verdicts are written anew.
 */
class GoldenPolicyTest {
  private static final Path FOLDER = Path.of("src/test/golden");

  static List<String> features() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("features")
  void decides(String feature) throws IOException {
    Path folder = FOLDER.resolve(feature);
    String got = verdicts(folder);
    Path golden = folder.resolve("verdicts.txt");
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(golden, got);
    }
    assertThat(got).isEqualTo(Files.readString(golden));
  }

  private static String verdicts(Path folder) throws IOException {
    ReadResult read =
        ResourceReader.read("policy.yaml", Files.readString(folder.resolve("policy.yaml")));
    assertThat(read.hasErrors()).as("%s", read.problems()).isFalse();
    List<AuthorizationPolicy> policies = new ArrayList<>();
    MeshConfig mesh = MeshConfig.DEFAULTS;
    for (Object resource : read.resources()) {
      if (resource instanceof AuthorizationPolicy policy) {
        policies.add(policy);
      } else if (resource instanceof MeshConfig config) {
        mesh = config;
      }
    }
    StringBuilder text = new StringBuilder();
    Object requests =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(folder.resolve("requests.yaml")));
    for (Object each : (List<?>) requests) {
      Fields fields = new Fields((Map<?, ?>) each);
      text.append("%-40s %s%n".formatted(fields.text("name", ""), verdict(fields, policies, mesh)));
    }
    return text.toString();
  }

  private static String verdict(
      Fields fields, List<AuthorizationPolicy> policies, MeshConfig mesh) {
    boolean tcp = fields.has("tcp");
    Authorization authorization =
        IstioTranslation.translate(policies, mesh, tcp ? Protocol.TCP : Protocol.HTTP)
            .authorization();
    ConnectionFacts facts = fields.facts();
    RequestView request = tcp ? null : fields.request(mesh).view();
    ReferenceEvaluator.Outcome outcome = ReferenceEvaluator.decide(authorization, facts, request);
    List<Note> notes = new ArrayList<>();
    ConnectionAuthorization connection =
        CompiledAuthorization.compile(authorization).onConnection(facts);
    assertThat(
            request == null
                ? connection.decideTcpFrom(0, notes::add)
                : connection.decide(request, notes::add))
        .isEqualTo(outcome.decision());
    assertThat(notes).isEqualTo(outcome.notes());
    return outcome.decision().verdict()
        + outcome.decision().ruleId().map(id -> " " + id).orElse("")
        + String.join("", notes.stream().map(GoldenPolicyTest::render).toList());
  }

  private static String render(Note note) {
    return "; %s%s%s"
        .formatted(
            note.shadow() ? "dry-run " : "",
            note.shadow() ? (note.wouldDeny() ? "DENY" : "ALLOW") : "AUDIT",
            note.ruleId().map(id -> " " + id).orElse(""));
  }

  /** One entry of {@code requests.yaml}. */
  private record Fields(Map<?, ?> map) {
    boolean has(String name) {
      return map.containsKey(name);
    }

    String text(String name, String otherwise) {
      @Nullable Object value = map.get(name);
      return value == null ? otherwise : value.toString();
    }

    ConnectionFacts facts() {
      return new ConnectionFacts(
          has("peer") ? Optional.of(text("peer", "")) : Optional.empty(),
          InetAddress.ofLiteral(text("from", "10.0.0.1")),
          InetAddress.ofLiteral(text("to", "10.0.0.2")),
          Integer.parseInt(text("port", "8000")),
          has("sni") ? Optional.of(text("sni", "")) : Optional.empty());
    }

    @SuppressWarnings("unchecked") // what YAML gives for an object
    RecordedRequest request(MeshConfig mesh) {
      List<RecordedRequest.Header> headers = new ArrayList<>();
      if (map.get("headers") instanceof List<?> lines) {
        for (Object line : lines) {
          String text = line.toString();
          int colon = text.indexOf(':', 1); // a pseudo header begins with one
          headers.add(
              new RecordedRequest.Header(
                  text.substring(0, colon), text.substring(colon + 1).stripLeading()));
        }
      }
      return new RecordedRequest(
          text("method", "GET"),
          text("host", "httpbin.sample:8000"),
          normalized(text("path", "/"), mesh),
          headers,
          has("client") ? Optional.of(InetAddress.ofLiteral(text("client", ""))) : Optional.empty(),
          map.get("claims") instanceof Map<?, ?> claims
              ? Optional.of((Map<String, Object>) claims)
              : Optional.empty());
    }

    private static String normalized(String target, MeshConfig mesh) {
      ByteSlice path = new ByteSlice();
      assertThat(
              PathNormalizer.valueOf(mesh.pathNormalization().name())
                  .normalize(ByteSlice.copyOf(target), path))
          .isNotEqualTo(PathNormalizer.Result.REJECTED);
      return path.toString();
    }
  }
}
