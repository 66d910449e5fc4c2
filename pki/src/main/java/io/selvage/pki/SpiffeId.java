package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A SPIFFE ID: the name of a workload, {@code spiffe://<trust domain><path>}.
 *
 * <p>SPIFFE-ID 2: "A SPIFFE ID is a URI whose scheme is {@code spiffe}, whose authority is the
 * trust domain, with an optional path"; no user info, port, query or fragment. Upper case in scheme
 * or trust domain is refused, not folded: two spellings of one identity would be two principals in
 * a policy.
 *
 * @param trustDomain 1 to 255 of {@code a-z 0-9 . - _}
 * @param path empty, or segments of {@code a-z A-Z 0-9 . - _}, each led by a slash, none empty,
 *     none {@code .} or {@code ..}
 */
public record SpiffeId(String trustDomain, String path) {
  /** SPIFFE-ID 2.3: implementations must support, and must not generate beyond, 2048 bytes. */
  public static final int MAX_LENGTH = 2048;

  private static final String SCHEME = "spiffe://";
  private static final int MAX_TRUST_DOMAIN = 255;

  /**
   * @throws IllegalArgumentException for parts that the specification forbids; use {@link #parse}
   *     for what others sent
   */
  public SpiffeId {
    String problem = problemOf(trustDomain, path);
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
  }

  /** Reads a SPIFFE ID as others wrote it. */
  public static SpiffeId parse(String uri) throws PkiException {
    if (uri.length() > MAX_LENGTH) {
      throw new PkiException(Reason.BAD_IDENTITY, "SPIFFE ID is longer than 2048 bytes");
    }
    if (!uri.startsWith(SCHEME)) {
      throw new PkiException(
          Reason.BAD_IDENTITY, printable(uri) + " does not start with spiffe://");
    }
    int slash = uri.indexOf('/', SCHEME.length());
    String trustDomain =
        slash < 0 ? uri.substring(SCHEME.length()) : uri.substring(SCHEME.length(), slash);
    String path = slash < 0 ? "" : uri.substring(slash);
    String problem = problemOf(trustDomain, path);
    if (problem != null) {
      throw new PkiException(Reason.BAD_IDENTITY, printable(uri) + " is no SPIFFE ID: " + problem);
    }
    return new SpiffeId(trustDomain, path);
  }

  /**
   * The identity of a Kubernetes service account, {@code
   * spiffe://<td>/ns/<namespace>/sa/<account>}.
   *
   * @throws IllegalArgumentException for a name that cannot be one path segment
   */
  public static SpiffeId workload(String trustDomain, String namespace, String serviceAccount) {
    if (namespace.indexOf('/') >= 0 || serviceAccount.indexOf('/') >= 0) {
      throw new IllegalArgumentException("a namespace or service account cannot contain a slash");
    }
    return new SpiffeId(trustDomain, "/ns/" + namespace + "/sa/" + serviceAccount);
  }

  /** The namespace, when the path has the form {@code /ns/<namespace>/sa/<account>}. */
  public Optional<String> namespace() {
    return segment(1);
  }

  /** The service account, when the path has the form {@code /ns/<namespace>/sa/<account>}. */
  public Optional<String> serviceAccount() {
    return segment(3);
  }

  /** The URI. */
  @Override
  public String toString() {
    return SCHEME + trustDomain + path;
  }

  private Optional<String> segment(int index) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    String[] segments = path.substring(1).split("/", -1);
    boolean workload = segments.length == 4 && segments[0].equals("ns") && segments[2].equals("sa");
    return workload ? Optional.of(segments[index]) : Optional.empty();
  }

  private static @Nullable String problemOf(String trustDomain, String path) {
    if (trustDomain.isEmpty()) {
      return "the trust domain is empty";
    }
    if (trustDomain.length() > MAX_TRUST_DOMAIN) {
      return "the trust domain is longer than 255 bytes";
    }
    for (int i = 0; i < trustDomain.length(); i++) {
      char c = trustDomain.charAt(i);
      if (!isLowerOrDigit(c) && !isPunctuation(c)) {
        return "a trust domain holds only a-z, 0-9, '.', '-' and '_', not '" + printable(c) + "'";
      }
    }
    if (SCHEME.length() + trustDomain.length() + path.length() > MAX_LENGTH) {
      return "it is longer than 2048 bytes";
    }
    return path.isEmpty() ? null : problemOfPath(path);
  }

  private static @Nullable String problemOfPath(String path) {
    if (path.charAt(0) != '/') {
      return "the path does not start with a slash";
    }
    int start = 1;
    for (int i = 1; i <= path.length(); i++) {
      if (i == path.length() || path.charAt(i) == '/') {
        String problem = problemOfSegment(path, start, i);
        if (problem != null) {
          return problem;
        }
        start = i + 1;
      }
    }
    return null;
  }

  private static @Nullable String problemOfSegment(String path, int start, int end) {
    if (start == end) {
      return "the path has an empty segment or a trailing slash";
    }
    boolean onlyDots = true;
    for (int i = start; i < end; i++) {
      char c = path.charAt(i);
      boolean upper = c >= 'A' && c <= 'Z';
      if (!upper && !isLowerOrDigit(c) && !isPunctuation(c)) {
        return "a path segment holds only letters, digits, '.', '-' and '_', not '"
            + printable(c)
            + "'";
      }
      onlyDots &= c == '.';
    }
    return onlyDots && end - start <= 2 ? "the path has a relative segment" : null;
  }

  private static boolean isLowerOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  private static boolean isPunctuation(char c) {
    return c == '.' || c == '-' || c == '_';
  }

  private static String printable(char c) {
    return c > 0x20 && c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c);
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    text.chars().limit(120).forEach(c -> out.append(printable((char) c)));
    return out.append(text.length() > 120 ? "…" : "").toString();
  }
}
