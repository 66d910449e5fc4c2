package io.selvage.prove.atom;

import io.selvage.policy.PathNormalizer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Which texts the fields of a request can have: what a client can send and a proxy takes. */
public final class Domains {
  private static final CharSet TOKEN =
      CharSet.where(
          c ->
              (c >= 'a' && c <= 'z')
                  || (c >= 'A' && c <= 'Z')
                  || (c >= '0' && c <= '9')
                  || (c < 128 && "!#$%&'*+-.^_`|~".indexOf(c) >= 0));

  /** {@code spiffe://td/ns/NAMESPACE/sa/ACCOUNT}, names as Kubernetes and SPIFFE allow them. */
  public static final TextDomain ISTIO_IDENTITY =
      TextDomain.ofExpression("spiffe://[a-z0-9._-]+/ns/[a-z0-9-]+/sa/[a-z0-9.-]+");

  /** SPIFFE IDs with a path; no segment is empty, {@code .} or {@code ..} (SPIFFE-ID 2.2). */
  public static final TextDomain SPIFFE_IDENTITY = spiffe();

  /** {@code :method}: a token of RFC 9110 5.6.2. */
  public static final TextDomain METHOD =
      TextDomain.of(2, (_, c) -> TOKEN.has(c) ? 1 : TextDomain.DEAD, state -> state == 1);

  /** A host, with a port or without: RFC 3986 3.2.2, as far as proxies take it. */
  public static final TextDomain HOST =
      TextDomain.ofExpression(
          "([a-zA-Z0-9._~-]+|\\[[0-9a-fA-F:.][0-9a-fA-F:.]+\\])"
              + "(|:[0-9]|:[0-9][0-9]|:[0-9][0-9][0-9]|:[0-9][0-9][0-9][0-9]"
              + "|:[0-5][0-9][0-9][0-9][0-9]|:6[0-4][0-9][0-9][0-9]|:65[0-4][0-9][0-9]"
              + "|:655[0-2][0-9]|:6553[0-5])");

  /** SNI: a name in small letters. */
  public static final TextDomain SERVER_NAME = TextDomain.ofExpression("[a-z0-9._-]+");

  /** A header's value without white space around it (RFC 9110 5.5); may be empty. */
  public static final TextDomain HEADER_VALUE =
      TextDomain.of(
          3,
          (state, c) -> {
            boolean space = c == ' ' || c == '\t';
            boolean text = (c > ' ' && c != 127) || space;
            return !text || (state == 0 && space) ? TextDomain.DEAD : space ? 2 : 1;
          },
          state -> state != 2);

  /** A string of JSON: any text. */
  public static final TextDomain CLAIM = TextDomain.of(1, (_, _) -> 0, _ -> true);

  private static final Map<PathNormalizer, TextDomain> PATHS = paths(false);
  private static final Map<PathNormalizer, TextDomain> TARGETS = paths(true);

  private Domains() {}

  /** Paths that a normaliser leaves as they are; {@code *} is not among them. */
  public static TextDomain path(PathNormalizer normalizer) {
    return Objects.requireNonNull(PATHS.get(normalizer));
  }

  /** Such paths, each with any query or none. */
  public static TextDomain target(PathNormalizer normalizer) {
    return Objects.requireNonNull(TARGETS.get(normalizer));
  }

  private static Map<PathNormalizer, TextDomain> paths(boolean withQuery) {
    Map<PathNormalizer, TextDomain> all = new EnumMap<>(PathNormalizer.class);
    for (PathNormalizer normalizer : PathNormalizer.values()) {
      all.put(normalizer, PathStates.of(normalizer, withQuery));
    }
    return all;
  }

  private static TextDomain spiffe() {
    // 0.. the scheme; then the trust domain, then segments by how many dots they are so far.
    String scheme = "spiffe://";
    int authority = scheme.length();
    int segment = authority + 2;
    return TextDomain.of(
        segment + 4,
        (state, c) -> {
          if (state < authority) {
            return c == scheme.charAt(state) ? state + 1 : TextDomain.DEAD;
          }
          boolean lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
          if (state < segment) {
            boolean name = lower || c == '.';
            return name ? authority + 1 : c == '/' && state > authority ? segment : TextDomain.DEAD;
          }
          int dots = state - segment;
          if (c == '/') {
            return dots == 3 ? segment : TextDomain.DEAD;
          }
          if (c == '.') {
            return dots < 2 ? state + 1 : segment + 3;
          }
          return lower || (c >= 'A' && c <= 'Z') ? segment + 3 : TextDomain.DEAD;
        },
        state -> state == segment + 3);
  }
}
