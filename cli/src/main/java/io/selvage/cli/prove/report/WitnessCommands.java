package io.selvage.cli.prove.report;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RecordedRequest;
import io.selvage.prove.Mesh;
import io.selvage.prove.Place;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.SampleRequest;
import io.selvage.prove.Witness;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A request that shows something, as commands that send it. */
public final class WitnessCommands {
  private static final Set<String> ADDRESSES =
      Set.of("ipBlocks", "source.ip", "remoteIpBlocks", "remote.ip");

  private final Mesh mesh;

  /** For requests to a mesh's workloads. */
  public WitnessCommands(Mesh mesh) {
    this.mesh = mesh;
  }

  /** {@code POST http://ledger.payments:8080/charge}, or {@code TCP ledger.payments:9000}. */
  public static String oneLine(Place place, SampleRequest request) {
    return request.protocol() == Protocol.TCP
        ? "TCP connection to " + target(place)
        : request.method() + " " + url(place, request);
  }

  /** The command that sends it, run by a program whose proxy has the caller's identity. */
  public static List<String> command(Place place, SampleRequest request) {
    if (request.protocol() == Protocol.TCP) {
      String target = target(place);
      int colon = target.lastIndexOf(':');
      return List.of("nc", "-z", target.substring(0, colon), target.substring(colon + 1));
    }
    List<String> line = new ArrayList<>(List.of("curl", "-sS"));
    if (request.method().equals("HEAD")) {
      line.add("-I");
    } else if (!request.method().equals("GET")) {
      line.addAll(List.of("-X", request.method()));
    }
    if (request.path().contains("..") || request.path().contains("/./")) {
      line.add("--path-as-is");
    }
    if (!isTarget(place, request.host())) {
      line.addAll(List.of("-H", "Host: " + request.host()));
    }
    for (RecordedRequest.Header header : request.headers()) {
      line.addAll(
          List.of(
              "-H",
              header.value().isEmpty()
                  ? header.name() + ";"
                  : header.name() + ": " + header.value()));
    }
    request
        .remote()
        .ifPresent(
            address -> line.addAll(List.of("-H", "X-Forwarded-For: " + address.getHostAddress())));
    request.claims().ifPresent(_ -> line.addAll(List.of("-H", "Authorization: Bearer $TOKEN")));
    line.add(url(place, request));
    return line;
  }

  /** The same line in a shell's quotes. */
  public static String shell(List<String> line) {
    return String.join(" ", line.stream().map(WitnessCommands::quoted).toList());
  }

  private static String quoted(String word) {
    if (word.matches("[A-Za-z0-9_./:=@%+,-]+")) {
      return word;
    }
    return word.contains("$TOKEN") ? "\"" + word + "\"" : "'" + word.replace("'", "'\\''") + "'";
  }

  /**
   * The command that sends it as a workload of the mesh on this machine; empty when no known
   * workload has the caller's identity.
   */
  public Optional<String> exec(Place place, SampleRequest request) {
    String command = shell(command(place, request));
    Optional<String> identity = request.principal();
    if (identity.isEmpty()) {
      return mesh.workloads().stream()
          .filter(one -> !one.qualifiedName().equals(place.workload().qualifiedName()))
          .findFirst()
          .map(one -> "selvage exec " + choice(one) + " -c istio-proxy -- " + command);
    }
    return mesh.workloads().stream()
        .filter(one -> one.principal().equals(identity))
        .min(Comparator.comparing(ProvedWorkload::qualifiedName))
        .map(one -> "selvage exec " + choice(one) + " -- " + command);
  }

  private static String choice(ProvedWorkload workload) {
    String name = workload.namespace() + "/" + workload.name();
    return workload.cluster().isEmpty() ? name : name + " --context " + workload.cluster();
  }

  /** What no command says: who calls, from where if it matters, with which token. */
  static List<String> circumstances(Witness witness) {
    boolean addressed =
        Stream.concat(witness.before().stream(), Stream.of(witness.after()))
            .map(TraceText::rule)
            .flatMap(Optional::stream)
            .flatMap(rule -> rule.fields().stream())
            .anyMatch(field -> ADDRESSES.contains(field.attribute()));
    return circumstances(witness.request(), witness.agreement(), addressed);
  }

  static List<String> circumstances(
      SampleRequest request, Map<String, Boolean> agreement, boolean addressed) {
    List<String> notes = new ArrayList<>();
    notes.add("from " + Words.caller(request.principal()));
    if (addressed) {
      notes.add("at " + request.source().getHostAddress());
    }
    request.serverName().ifPresent(name -> notes.add("with the server name " + name));
    request.claims().ifPresent(claims -> notes.add("with a token that says " + claims));
    agreement.forEach(
        (provider, yes) -> notes.add("when " + provider + " answers " + (yes ? "yes" : "no")));
    return notes;
  }

  private static String url(Place place, SampleRequest request) {
    String target = target(place);
    return "http://"
        + (target.endsWith(":80") ? target.substring(0, target.length() - 3) : target)
        + request.path();
  }

  /** Where clients call: the service's host and port, or the workload's own. */
  public static String target(Place place) {
    Optional<Port> port = place.port();
    String own = place.workload().name() + "." + place.workload().namespace();
    return port.flatMap(Port::host).orElse(own)
        + ":"
        + port.map(Port::servicePort).orElse(place.number());
  }

  /** Whether a client that calls the target sends this host by itself. */
  private static boolean isTarget(Place place, String host) {
    String target = target(place);
    return host.equals(target)
        || (target.endsWith(":80") && host.equals(target.substring(0, target.length() - 3)));
  }
}
