package io.selvage.prove;

import io.selvage.policy.ByteSlice;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.PathNormalizer;
import io.selvage.policy.RecordedRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Random requests that a client can send: texts that policies name, and texts that differ from
 * those a little.
 */
final class RandomRequests {
  private static final String FILLERS = "xyabX01/-._,;\"*é";

  private final Random random;

  RandomRequests(Random random) {
    this.random = random;
  }

  SampleRequest request(Protocol protocol, int port, boolean anyIdentity, List<String> issuers) {
    boolean http = protocol == Protocol.HTTP;
    Optional<String> principal =
        random.nextInt(4) == 0
            ? Optional.empty()
            : Optional.of(
                sendable(
                    RandomMatchers.PRINCIPALS,
                    anyIdentity ? RandomRequests::isSpiffe : RandomRequests::isIstio));
    String path = http ? sendable(RandomMatchers.PATHS, RandomRequests::isPath) : "";
    String method =
        http
            ? sendable(RandomMatchers.METHODS, text -> text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+"))
            : "";
    if (path.equals("*")) {
      method = "OPTIONS";
    }
    List<RecordedRequest.Header> headers = new ArrayList<>();
    if (http) {
      headers.add(
          new RecordedRequest.Header(
              ":path",
              path.equals("*") ? path : path + any(List.of("", "?", "?q=1", "?x", "?q=12"))));
      for (int i = random.nextInt(4); i > 0; i--) {
        headers.add(
            new RecordedRequest.Header(
                any(List.of("x-a", "x-b")),
                sendable(RandomMatchers.VALUES, RandomRequests::isValue)));
      }
    }
    return new SampleRequest(
        protocol,
        principal,
        address(),
        http && random.nextBoolean() ? Optional.of(address()) : Optional.empty(),
        address(),
        port,
        random.nextBoolean() || (http && principal.isEmpty())
            ? Optional.empty()
            : Optional.of(
                sendable(
                    List.of("a.example", "b.example", "a"), text -> text.matches("[a-z0-9._-]+"))),
        method,
        http ? sendable(RandomMatchers.HOSTS, RandomRequests::isHost) : "",
        path,
        headers,
        http && !issuers.isEmpty() && random.nextInt(3) > 0
            ? Optional.of(claims(issuers))
            : Optional.empty());
  }

  private Map<String, Object> claims(List<String> issuers) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", any(issuers));
    if (random.nextInt(4) > 0) {
      claims.put("sub", value());
    }
    for (String name : List.of("aud", "groups")) {
      if (random.nextInt(3) > 0) {
        claims.put(name, random.nextBoolean() ? value() : List.of(value(), value()));
      }
    }
    switch (random.nextInt(4)) {
      case 0 -> claims.put("realm", value());
      case 1 -> claims.put("realm", List.of(value(), 7));
      case 2 -> claims.put("realm", Map.of("roles", List.of(value(), value())));
      default -> {}
    }
    return claims;
  }

  private String value() {
    return mutated(any(RandomMatchers.VALUES));
  }

  private InetAddress address() {
    return InetAddress.ofLiteral(any(RandomMatchers.ADDRESSES));
  }

  private String sendable(List<String> texts, Predicate<String> valid) {
    String text = mutated(any(texts));
    while (!valid.test(text)) {
      text = mutated(any(texts));
    }
    return text;
  }

  private String mutated(String text) {
    String changed = text;
    for (int i = random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(changed.length() + 1);
      char filler = FILLERS.charAt(random.nextInt(FILLERS.length()));
      changed =
          switch (random.nextInt(4)) {
            case 0 -> changed.substring(0, at) + filler + changed.substring(at);
            case 1 -> changed + filler;
            case 2 -> at == 0 ? changed : changed.substring(0, at - 1) + changed.substring(at);
            default -> changed.substring(0, at) + changed.substring(0, at);
          };
    }
    return changed;
  }

  private static boolean isIstio(String text) {
    return text.matches("spiffe://[a-z0-9._-]+/ns/[a-z0-9-]+/sa/[a-z0-9.-]+");
  }

  private static boolean isSpiffe(String text) {
    return text.matches("spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)+")
        && !(text + "/").contains("/./")
        && !(text + "/").contains("/../");
  }

  /** As HTTP/1 carries it, and unchanged by the normaliser. */
  static boolean isPath(String text) {
    if (text.equals("*")) {
      return true;
    }
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return text.startsWith("/")
        && text.chars().allMatch(c -> c > ' ' && c != 127 && c != '?' && c != '#')
        && PathNormalizer.BASE.normalize(
                new ByteSlice().set(bytes, 0, bytes.length), new ByteSlice())
            == PathNormalizer.Result.UNCHANGED;
  }

  private static boolean isHost(String text) {
    return text.matches("([a-zA-Z0-9._~-]+|\\[[0-9a-fA-F:.]{2,}])(:[0-9]{1,4})?");
  }

  private static boolean isValue(String text) {
    return text.strip().equals(text)
        && text.chars().noneMatch(c -> (c < ' ' && c != '\t') || c == 127);
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
