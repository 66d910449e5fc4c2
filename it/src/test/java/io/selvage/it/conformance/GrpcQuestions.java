package io.selvage.it.conformance;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication.Mode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which cases can be asked of a gRPC server: calls are POST over HTTP/2, and what a proxy does
 * beside policy (tokens, external authorizers, normal paths) no gRPC library does. {@code
 * docs/grpc.md} has what ours enforces in its place.
 */
final class GrpcQuestions {
  /** Part of a path that a proxy leaves as it is, but for dots. */
  private static final Pattern SEGMENT = Pattern.compile("[!-~&&[^/?#%\\\\]]*");

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*(:[0-9]+)?");
  private static final Pattern HEADER_NAME = Pattern.compile("[a-z0-9_.-]+");
  private static final Pattern HEADER_VALUE = Pattern.compile("([!-~]([ -~]*[!-~])?)?");

  private static final Set<String> LIBRARYS_OWN =
      Set.of(
          "host",
          "te",
          "content-type",
          "content-length",
          "user-agent",
          "connection",
          "transfer-encoding",
          "upgrade",
          "expect",
          "keep-alive",
          "proxy-connection");

  private GrpcQuestions() {}

  /** Why a case cannot be asked under its set; empty when it can. */
  static Optional<String> cannot(CaseSet set, Case one, MeshSnapshot mesh) {
    String resources = set.resources().toString();
    return transport(set, one.request(), one.expect(), mesh)
        .or(() -> head(one.request(), resources))
        .or(() -> policy(one.request(), one.expect(), resources));
  }

  /** Whether it is plaintext to a port that is PERMISSIVE. */
  static boolean isPermitted(Request request, MeshSnapshot mesh) {
    Mode mode = mesh.effectivePeerAuthentication(Stage.WORKLOAD, request.port()).mode();
    return mode != Mode.STRICT && mode != Mode.DISABLE && !request.isTls();
  }

  /** Whether the stage may say DISABLE in the set's place, for it says nothing of peers itself. */
  private static boolean canBePlaintextAlone(CaseSet set) {
    return !set.resources().toString().contains("\"PeerAuthentication\"");
  }

  private static Optional<String> transport(
      CaseSet set, Request request, Expectation expect, MeshSnapshot mesh) {
    boolean declared = request.port() == Stage.HTTP_PORT || request.port() == Stage.GRPC_PORT;
    if (request.protocol() == Request.Protocol.TCP || request.raw().isPresent() || !declared) {
      return Optional.of("gRPC serves calls, at ports that a service declares for HTTP");
    }
    if (request.alpn().isPresent()) {
      return Optional.of("gRPC's ALPN is h2");
    }
    if (isPermitted(request, mesh) && !canBePlaintextAlone(set)) {
      return Optional.of("PERMISSIVE is STRICT for gRPC");
    }
    boolean stranger =
        request
            .as()
            .map(identity -> identity.substring(0, identity.indexOf("/ns/")))
            .filter(domain -> !mesh.meshConfig().trustDomains().contains(domain))
            .isPresent();
    if (stranger) {
      return Optional.of("gRPC's handshake looks at no name of the client's; a rule denies it");
    }
    return switch (request.certificate()) {
      case NO_URI, TWO_URIS, DNS_AS_SPIFFE ->
          Optional.of("gRPC's handshake looks at no name of the client's");
      case VALID, EXPIRED, FUTURE, OTHER_ROOT, EMAIL_EKU, NONE -> codec(expect);
    };
  }

  private static Optional<String> codec(Expectation expect) {
    boolean verdict = expect.status().map(status -> status == 200 || status == 403).orElse(true);
    if (!verdict) {
      return Optional.of("the answer is an HTTP codec's or a token check's");
    }
    return expect.sees().isPresent()
        ? Optional.of("the application sees calls, not what a proxy forwards")
        : Optional.empty();
  }

  private static Optional<String> head(Request request, String resources) {
    boolean methods = resources.contains("ethods\"") || resources.contains(":method");
    if (methods && !request.method().equals("POST")) {
      return Optional.of("every call is POST");
    }
    boolean paths =
        resources.contains("aths\"") || resources.contains(":path") || request.path().isEmpty();
    if (paths && !isNormal(request.path())) {
      return Optional.of("where a rule asks for the path, gRPC denies what a proxy normalises");
    }
    if (!request.path().matches("/[!-~]*")) {
      return Optional.of("no path of a call");
    }
    if (!HOST.matcher(request.host()).matches()) {
      return Optional.of("no authority of a call");
    }
    for (Header header : request.headers()) {
      String name = header.name().toLowerCase(Locale.ROOT);
      if (!HEADER_NAME.matcher(name).matches()
          || !HEADER_VALUE.matcher(header.value()).matches()
          || LIBRARYS_OWN.contains(name)
          || name.startsWith("grpc-")
          || name.endsWith("-bin")) {
        return Optional.of("header " + name + " is no metadata of a call");
      }
    }
    return Optional.empty();
  }

  /** Whether a proxy leaves the path as it is. */
  private static boolean isNormal(String path) {
    if (!path.startsWith("/")) {
      return false;
    }
    String[] segments = path.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      String segment = segments[i];
      String dots = segment.split(";", 2)[0];
      boolean inside = segment.isEmpty() && i < segments.length - 1;
      if (inside || dots.equals(".") || dots.equals("..") || !SEGMENT.matcher(segment).matches()) {
        return false;
      }
    }
    return true;
  }

  private static Optional<String> policy(Request request, Expectation expect, String resources) {
    if (resources.contains("\"RequestAuthentication\"")
        && (!request.tokens().isEmpty() || !request.headers().isEmpty())) {
      return Optional.of("gRPC checks no tokens; ours denies calls with one");
    }
    if (!request.tokens().isEmpty() && request.path().contains("?")) {
      return Optional.of("a call has no query");
    }
    if (resources.contains("\"CUSTOM\"") && expect.status().equals(Optional.of(200))) {
      boolean asked =
          request.headers().stream()
              .anyMatch(header -> header.name().equalsIgnoreCase(Stage.CHECKED_HEADER));
      if (asked) {
        return Optional.of("gRPC asks no external authorizer; ours denies");
      }
    }
    if (resources.contains("connection.sni") || resources.contains("experimental.envoy")) {
      return Optional.of("gRPC has no word for it; ours denies");
    }
    boolean forwarded =
        request.headers().stream()
            .anyMatch(header -> header.name().equalsIgnoreCase("x-forwarded-for"));
    boolean remote = resources.contains("emoteIpBlocks") || resources.contains("remote.ip");
    if (forwarded && remote) {
      return Optional.of("gRPC knows the peer's address alone");
    }
    boolean commas = request.headers().stream().anyMatch(header -> header.value().contains(","));
    return commas && resources.contains("request.headers[")
        ? Optional.of("gRPC joins values with commas; ours reads each part")
        : Optional.empty();
  }
}
