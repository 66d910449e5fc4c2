package io.selvage.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Opened;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PortProtocol;
import io.selvage.model.SourceLocation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.Change;
import io.selvage.prove.Mesh;
import io.selvage.prove.Options;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Prover;
import io.selvage.prove.SampleRequest;
import io.selvage.prove.SourceSelection;
import io.selvage.prove.Witness;
import io.selvage.prove.WorkloadSelection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * The prover's witnesses about generated policies, sent as real requests through our proxy and
 * through an Envoy: what it says is allowed arrives, and what it says is denied doesn't.
 */
@Tag("real")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class WitnessReplayTest {
  private static final int SETS = Integer.getInteger("selvage.replay.sets", 60);
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private static Path home;

  private final TokenMint mint = new TokenMint();
  private final Prover prover = new Prover(Options.DEFAULT);
  private final InProcess reference = InProcess.reference(mint);
  private final List<String> wrong = new ArrayList<>();
  private int sent;
  private int elsewhere;

  /** A set in force on both, and what the prover takes it to be. */
  private record InForce(CaseSet set, Mesh mesh) {}

  /** A request and whether it must arrive. */
  private record Claim(SampleRequest request, Map<String, Boolean> agreement, boolean allowed) {}

  @Test
  void whatIsProvedIsWhatProxiesDo() throws Exception {
    try (var opened = new Opened()) {
      List<Subject> proxies =
          List.of(
              opened.add(new SelvageSubject(folder("ours"), mint)),
              opened.add(new EnvoySubject(folder("envoy"), mint)));
      Optional<InForce> last = Optional.empty();
      for (long seed = 0; seed < SETS; seed++) {
        Optional<InForce> next = generated(seed);
        if (next.isPresent()) {
          check(proxies, last, next.get());
          last = next;
        }
      }
    }
    System.out.printf(
        "replay: %d requests sent, %d claims need an address that the stage has not%n",
        sent, elsewhere);
    assertThat(wrong).isEmpty();
    assertThat(sent).isGreaterThan(SETS);
  }

  private Optional<InForce> generated(long seed) {
    try {
      CaseSet set =
          CaseReader.parse("generated/set", JSON.writeValueAsString(new SetGenerator(seed).set(1)));
      MeshSnapshot snapshot = ConfiguredSet.snapshot(set, mint, ConfiguredSet.mesh(set), 1);
      return Optional.of(new InForce(set, Mesh.of("set " + seed, snapshot, List.of(server()))));
    } catch (CaseReader.BadCase e) {
      return Optional.empty(); // the generator writes some that Istio would refuse
    }
  }

  private static ProvedWorkload server() {
    Optional<String> host = Optional.of("server.foo");
    return new ProvedWorkload(
        "",
        Stage.NAMESPACE,
        "server",
        Stage.LABELS,
        Optional.of("spiffe://cluster.local/ns/foo/sa/" + Stage.ACCOUNT),
        List.of(
            new Port("http", Stage.HTTP_PORT, PortProtocol.HTTP, host, 8000),
            new Port("tcp", Stage.TCP_PORT, PortProtocol.TCP, host, 9000),
            new Port("grpc", Stage.GRPC_PORT, PortProtocol.GRPC, host, 8002)),
        List.of(),
        true,
        SourceLocation.UNKNOWN);
  }

  private void check(List<Subject> proxies, Optional<InForce> last, InForce now) throws Exception {
    List<Claim> claims = new ArrayList<>();
    prover
        .reach(now.mesh(), new SourceSelection.Anybody(), WorkloadSelection.ALL)
        .reaches()
        .forEach(reach -> reach.witness().ifPresent(w -> claims.add(claim(w, true))));
    last.ifPresent(
        before ->
            prover.diff(before.mesh(), now.mesh()).changes().stream()
                .map(change -> claim(change.witness(), isAllowed(change)))
                .forEach(claims::add));
    reference.apply(now.set());
    for (Subject proxy : proxies) {
      proxy.apply(now.set());
    }
    for (Claim claim : claims) {
      ask(proxies, now, claim);
    }
  }

  private static boolean isAllowed(Change change) {
    return change.direction() == Change.Direction.ALLOWED;
  }

  private static Claim claim(Witness witness, boolean allowed) {
    return new Claim(witness.request(), witness.agreement(), allowed);
  }

  private void ask(List<Subject> proxies, InForce now, Claim claim) throws Exception {
    Optional<Case> one = sendable(claim);
    if (one.isEmpty() || reference.cannot(now.set(), one.get()).isPresent()) {
      return;
    }
    if (arrived(reference.ask(one.get())) != claim.allowed()) {
      elsewhere++; // from the stage's own addresses it is another request
      return;
    }
    for (Subject proxy : proxies) {
      boolean known =
          KnownDifferences.of(proxy, now.set(), one.get().request()).isPresent()
              || proxy.cannot(now.set(), one.get()).isPresent();
      if (known) {
        continue;
      }
      sent++;
      boolean arrived = arrived(proxy.ask(one.get()));
      if (arrived != claim.allowed()) {
        wrong.add(
            "%s, %s: proved %s, and it is %s: %s"
                .formatted(
                    proxy.name(), now.mesh().name(), claim.allowed(), arrived, claim.request()));
      }
    }
  }

  private static boolean arrived(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Connected(Outcome.Connection connection) ->
          connection == Outcome.Connection.ECHO;
      case Outcome.Answered answered -> answered.seen().isPresent();
    };
  }

  /** As the stage's client sends it; of the ports only those where it has a server. */
  private static Optional<Case> sendable(Claim claim) {
    SampleRequest request = claim.request();
    boolean http = request.protocol() == Protocol.HTTP;
    boolean served = request.port() == (http ? Stage.HTTP_PORT : Stage.TCP_PORT);
    if (!served || !isAscii(request.path() + request.host())) {
      return Optional.empty();
    }
    List<Header> headers = new ArrayList<>();
    request.headers().forEach(each -> headers.add(new Header(each.name(), each.value())));
    request
        .remote()
        .ifPresent(ip -> headers.add(new Header("x-forwarded-for", ip.getHostAddress())));
    if (claim.agreement().values().stream().anyMatch(yes -> yes)) {
      headers.add(new Header(Stage.CHECKED_HEADER, Stage.CHECKED_VALUE));
    }
    Optional<TokenSpec> token =
        request
            .claims()
            .map(
                claims ->
                    new TokenSpec(
                        Optional.of(JSON.valueToTree(claims)),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    return Optional.of(
        new Case(
            "witness",
            new Request(
                request.principal().map(uri -> uri.substring("spiffe://".length())),
                Request.Certificate.VALID,
                Optional.empty(),
                request.serverName(),
                request.port(),
                http ? Request.Protocol.HTTP1 : Request.Protocol.TCP,
                http ? request.method() : "GET",
                http ? request.path() : "/",
                http ? request.host() : Stage.HOST,
                headers,
                token,
                List.of(),
                Stage.CLIENT,
                Optional.empty(),
                Optional.empty()),
            new Expectation(Optional.of(200), Optional.empty(), Optional.empty(), Optional.empty()),
            Map.of(),
            Map.of()));
  }

  private static boolean isAscii(String text) {
    return StandardCharsets.US_ASCII.newEncoder().canEncode(text);
  }

  /** An own folder that the proxies' user may pass through. */
  private static Path folder(String name) throws IOException {
    var everybody = PosixFilePermissions.fromString("rwxr-xr-x");
    Files.setPosixFilePermissions(home, everybody);
    return Files.setPosixFilePermissions(Files.createDirectory(home.resolve(name)), everybody);
  }
}
