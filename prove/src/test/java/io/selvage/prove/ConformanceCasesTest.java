package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.PortProtocol;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import io.selvage.policy.ByteSlice;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.PathNormalizer;
import io.selvage.policy.PathNormalizer.Result;
import io.selvage.policy.RecordedRequest;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Meaning;
import io.selvage.prove.encode.Side;
import io.selvage.prove.encode.Space;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a mesh must answer by Istio's own documents (the conformance suite), asked of the diagrams:
 * every case whose request isn't about bytes, certificates or signatures.
 */
class ConformanceCasesTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Path CASES = Path.of("..", "conformance", "cases");
  private static final Set<String> ASKED =
      Set.of("as", "port", "protocol", "method", "path", "host", "headers", "jwt", "from", "text", "sni");
  private static final Set<String> CODECS =
      Set.of(
          "content-length", "transfer-encoding", "connection", "upgrade", "host", "te", "expect",
          "authorization");
  private static final ProvedWorkload SERVER =
      new ProvedWorkload(
          "",
          "foo",
          "server",
          Map.of("app", "server", "version", "v1"),
          Optional.of("spiffe://cluster.local/ns/foo/sa/server"),
          List.of(
              new Port("http", 8080, PortProtocol.HTTP, Optional.of("server.foo"), 8000),
              new Port("tcp", 9090, PortProtocol.TCP, Optional.of("server.foo"), 9000),
              new Port("grpc", 8082, PortProtocol.GRPC, Optional.of("server.foo"), 8002)),
          List.of(),
          true,
          SourceLocation.UNKNOWN);
  /** In a JSON text, in a regular expression's replacement. */
  private static final String NO_KEYS = "{\\\\\"keys\\\\\":[]}";

  private static final String PROVIDERS =
      """
      [{"name": "check", "envoyExtAuthzHttp": {"service": "check.ext", "port": 8000}},
       {"name": "check-grpc", "envoyExtAuthzGrpc": {"service": "check.ext", "port": 9000}}]
      """;

  private final Map<SideKey, Map<Protocol, Asked>> spaces = new HashMap<>();

  /** A port in diagrams. */
  private record Asked(Space space, int allowed) {}

  @Test
  void theDiagramsAnswerAsTheDocumentsSay() throws IOException {
    List<String> wrong = new ArrayList<>();
    int asked = 0;
    try (Stream<Path> files = Files.walk(CASES)) {
      for (Path file : files.filter(ConformanceCasesTest::isOfPolicy).sorted().toList()) {
        JsonNode set = JSON.readTree(Files.readString(file));
        spaces.clear();
        MeshSide side = side(set);
        Place http = new Place(SERVER, Optional.empty(), 8080, false, Protocol.HTTP);
        PathNormalizer normalizer = side.enforced(SERVER, http).normalizer();
        for (JsonNode one : set.get("cases")) {
          Optional<Boolean> expected = expected(one);
          Optional<SampleRequest> request = request(normalizer, one.get("request"));
          if (expected.isPresent() && request.isPresent()) {
            asked++;
            if (allowed(side, request.get()) != expected.get()) {
              wrong.add(CASES.relativize(file) + "#" + one.get("id").asString());
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(asked).isGreaterThan(3_000);
    System.out.println("conformance cases asked of the diagrams: " + asked);
  }

  /** Handshakes and the forms of heads are no policy's to judge. */
  private static boolean isOfPolicy(Path file) {
    String name = CASES.relativize(file).toString().replace('\\', '/');
    return Files.isRegularFile(file)
        && !name.startsWith("trust/handshake")
        && !name.equals("headers/http2.json");
  }

  private static MeshSide side(JsonNode set) {
    List<Resource> resources = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (JsonNode resource : set.get("resources")) {
      String text = resource.toString().replaceAll("\\$\\{jwks(-other)?}", NO_KEYS);
      ReadResult read = ResourceReader.readObject("case", text);
      assertThat(read.hasErrors()).as("%s", read.problems()).isFalse();
      resources.addAll(read.resources());
      problems.addAll(read.problems());
    }
    ObjectNode mesh = JSON.createObjectNode();
    mesh.set("extensionProviders", JSON.readTree(PROVIDERS));
    if (set.has("mesh")) {
      set.get("mesh").properties().forEach(entry -> mesh.set(entry.getKey(), entry.getValue()));
    }
    ObjectNode document = JSON.createObjectNode().put("kind", "MeshConfig");
    document.set("spec", mesh);
    ReadResult read = ResourceReader.readObject("mesh", document.toString());
    assertThat(read.hasErrors()).as("%s", read.problems()).isFalse();
    resources.addAll(read.resources());
    return new MeshSide(
        Mesh.of("case", MeshSnapshot.of(1, resources, problems), List.of(SERVER)),
        false,
        new Shapes());
  }

  private static Optional<Boolean> expected(JsonNode one) {
    JsonNode expect = one.get("expect");
    if (expect.has("connection")) {
      return Optional.of(expect.get("connection").asString().equals("echo"));
    }
    int status = expect.get("status").asInt();
    return status == 200
        ? Optional.of(true)
        : status == 403 ? Optional.of(false) : Optional.empty();
  }

  private static Optional<SampleRequest> request(
      PathNormalizer normalizer, JsonNode request) {
    for (String field : request.propertyNames()) {
      if (!ASKED.contains(field)) {
        return Optional.empty();
      }
    }
    boolean tcp = request.path("protocol").asString("http1").equals("tcp");
    int port = request.path("port").asInt(8080);
    if (tcp != (port == 9090) && port != 7070) {
      return Optional.empty();
    }
    List<RecordedRequest.Header> headers = new ArrayList<>();
    for (JsonNode header : request.path("headers")) {
      String name = header.get(0).asString().toLowerCase(Locale.ROOT);
      if (CODECS.contains(name) || name.startsWith("x-forwarded") || name.startsWith(":")) {
        return Optional.empty();
      }
      headers.add(new RecordedRequest.Header(name, header.get(1).asString().strip()));
    }
    Optional<Map<String, Object>> claims = claims(request);
    if (request.has("jwt") && claims.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> principal =
        request.has("as")
            ? Optional.of("spiffe://" + request.get("as").asString())
            : Optional.empty();
    Optional<String> target = target(normalizer, request.path("path").asString("/"));
    if (target.isEmpty() && !tcp) {
      return Optional.empty();
    }
    headers.add(new RecordedRequest.Header(":path", target.orElse("")));
    String path = target.orElse("");
    int query = path.indexOf('?');
    String host = request.path("host").asString("server.foo:8000");
    String method = request.path("method").asString("GET");
    if (!host.matches("[a-zA-Z0-9._~-]+(:[0-9]{1,5})?") || !method.matches("[!-~&&[^(),/:;<=>?@\\[\\\\\\]{}\"]]+")) {
      return Optional.empty();
    }
    String serverName = request.path("sni").asString("outbound_.8000_._.server.foo.svc.cluster.local");
    return Optional.of(
        new SampleRequest(
            tcp ? Protocol.TCP : Protocol.HTTP,
            principal,
            InetAddress.ofLiteral(request.path("from").asString("10.77.0.2")),
            Optional.empty(),
            InetAddress.ofLiteral("10.77.0.1"),
            port,
            principal.isEmpty() || serverName.isEmpty()
                ? Optional.empty()
                : Optional.of(serverName.toLowerCase(Locale.ROOT)),
            tcp ? "" : method,
            tcp ? "" : host,
            tcp ? "" : query < 0 ? path : path.substring(0, query),
            headers,
            claims));
  }

  /** A token that the mesh's keys signed, as far as its form shows. */
  private static Optional<Map<String, Object>> claims(JsonNode request) {
    JsonNode jwt = request.path("jwt");
    for (String field : jwt.propertyNames()) {
      if (!field.equals("claims")) {
        return Optional.empty();
      }
    }
    if (!jwt.has("claims")) {
      return Optional.empty();
    }
    Map<String, Object> claims = new HashMap<>();
    for (Map.Entry<String, JsonNode> claim : jwt.get("claims").properties()) {
      if (Set.of("exp", "nbf", "iat").contains(claim.getKey())) {
        return Optional.empty();
      }
      Object value = JSON.convertValue(claim.getValue(), Object.class);
      boolean split = Set.of("scope", "permission").contains(claim.getKey());
      if (value != null) {
        claims.put(
            claim.getKey(), split && value instanceof String text ? List.of(text.split(" +")) : value);
      }
    }
    return claims.get("iss") instanceof String ? Optional.of(claims) : Optional.empty();
  }

  /** What the proxy makes of a target. */
  private static Optional<String> target(PathNormalizer normalizer, String raw) {
    if (!raw.startsWith("/") || raw.chars().anyMatch(c -> c <= ' ' || c == 127)) {
      return Optional.empty();
    }
    byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
    ByteSlice target = new ByteSlice().set(bytes, 0, bytes.length);
    Result result = normalizer.normalize(target, new ByteSlice());
    return result == Result.REJECTED
        ? Optional.empty()
        : Optional.of(
            new String(
                target.array(), target.start(), target.length(), StandardCharsets.UTF_8))
            .filter(text -> text.indexOf('\uFFFD') < 0);
  }

  private boolean allowed(MeshSide side, SampleRequest request) {
    Place place = new Place(SERVER, Optional.empty(), request.port(), false, request.protocol());
    Asked asked =
        spaces
            .computeIfAbsent(side.key(SERVER, place), _ -> new HashMap<>())
            .computeIfAbsent(request.protocol(), _ -> asked(side, place));
    boolean agrees =
        request.headers().stream()
            .filter(header -> header.name().equals("x-ext-authz"))
            .map(RecordedRequest.Header::value)
            .toList()
            .equals(List.of("allow"));
    int[] values =
        new Locator(asked.space())
            .values(request, Map.of("check", agrees, "check-grpc", agrees));
    return asked.space().diagrams().has(asked.allowed(), values);
  }

  private static Asked asked(MeshSide side, Place place) {
    Enforced enforced = side.enforced(SERVER, place);
    Side statements = enforced.side(new Meaning());
    Formula allowed = statements.allowed(true);
    Question question =
        new Question(
            Options.DEFAULT.withIdentities(Options.IdentityForm.SPIFFE),
            new Meaning(),
            Question.Shared.fresh(),
            side.mesh());
    Space space = question.space(place, List.of(allowed), List.of(enforced), Meter.unlimited());
    return new Asked(space, space.encode(allowed));
  }
}
