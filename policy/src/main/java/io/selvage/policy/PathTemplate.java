package io.selvage.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * Istio's path template: literal segments, <code>{*}</code> (exactly one non-empty segment) and
 * <code>{**}</code> (zero or more segments; the last operator). Follows Envoy's {@code
 * UriTemplateMatchConfig}.
 *
 * <p>The template stands for a whole path of as many segments as it has, where <code>{**}</code>
 * stands for any text, slashes included: <code>/store/{**}/cart</code> matches {@code /store//cart}
 * and {@code /store/a/b/cart}, not {@code /store/cart}.
 *
 * @param text as written
 * @param segments the parts between slashes, in order
 */
public record PathTemplate(String text, List<Segment> segments) {
  /** One part of a template. */
  public sealed interface Segment {
    /** These characters, exactly; empty only at the end, for a trailing slash. */
    record Literal(String text) implements Segment {}

    /** <code>{*}</code>. */
    record One() implements Segment {}

    /** <code>{**}</code>. */
    record Rest() implements Segment {}
  }

  private static final String PUNCTUATION = "-._~%!$&'()+,;:@=*";

  public PathTemplate {
    segments = List.copyOf(segments);
  }

  /** Whether a policy's path is a template: it has an operator of one. */
  public static boolean isTemplate(String path) {
    return path.contains("{*}") || path.contains("{**}");
  }

  /**
   * Reads a template as Istio writes it.
   *
   * @throws IllegalArgumentException with the reason when it is none
   */
  public static PathTemplate parse(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("a path template starts with '/': " + text);
    }
    List<Segment> segments = new ArrayList<>();
    String[] parts = text.substring(1).split("/", -1);
    boolean restSeen = false;
    for (int i = 0; i < parts.length; i++) {
      Segment segment = segment(parts[i], i == parts.length - 1, text);
      boolean operator = !(segment instanceof Segment.Literal);
      if (operator && restSeen) {
        throw new IllegalArgumentException("{**} is the last operator of a path template: " + text);
      }
      restSeen |= segment instanceof Segment.Rest;
      segments.add(segment);
    }
    return new PathTemplate(text, segments);
  }

  private static Segment segment(String part, boolean last, String text) {
    return switch (part) {
      case "{*}" -> new Segment.One();
      case "{**}" -> new Segment.Rest();
      default -> literal(part, last, text);
    };
  }

  private static Segment literal(String part, boolean last, String text) {
    if (part.isEmpty() && !last) {
      throw new IllegalArgumentException("an empty segment in path template " + text);
    }
    for (int i = 0; i < part.length(); i++) {
      if (!isLiteral(part.charAt(i))) {
        throw new IllegalArgumentException(
            "'" + part.charAt(i) + "' can't stand in a literal of path template " + text);
      }
    }
    return new Segment.Literal(part);
  }

  private static boolean isLiteral(int c) {
    return isPathCharacter(c) && c != '*';
  }

  /**
   * Whether RFC 3986 lets {@code c} stand in a path segment ({@code pchar}), {@code *} included
   * (CVE-2025-46821: an operator that leaves it out lets {@code /a/x*y/b} pass a DENY).
   */
  static boolean isPathCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || PUNCTUATION.indexOf(c) >= 0;
  }

  /** Whether the whole of {@code path} matches, without its query. */
  public boolean matches(ByteSlice path, Reading reading) {
    return matches(path.array(), path.start(), path.end(), reading);
  }

  boolean matches(byte[] array, int start, int end, Reading reading) {
    int at = start;
    for (int i = 0; i < segments.size(); i++) {
      if (at >= end || array[at] != '/') {
        return false;
      }
      at++;
      switch (segments.get(i)) {
        case Segment.Literal(String literal) -> {
          if (!startsWith(array, at, end, literal)) {
            return false;
          }
          at += literal.length();
        }
        case Segment.One _ -> {
          int slash = at;
          while (slash < end && array[slash] != '/') {
            slash++;
          }
          if (slash == at || !readable(array, at, slash, reading)) {
            return false;
          }
          at = slash;
        }
        case Segment.Rest _ -> {
          return matchesAfterRest(i + 1, array, at, end, reading);
        }
      }
    }
    return at == end;
  }

  /** After <code>{**}</code> come literals only, so they are the end of the path. */
  private boolean matchesAfterRest(int next, byte[] array, int at, int end, Reading reading) {
    int tail = end;
    for (int i = segments.size() - 1; i >= next; i--) {
      String literal = ((Segment.Literal) segments.get(i)).text();
      tail -= literal.length() + 1;
      if (tail < at || array[tail] != '/' || !startsWith(array, tail + 1, end, literal)) {
        return false;
      }
    }
    return readable(array, at, tail, reading);
  }

  private static boolean startsWith(byte[] array, int at, int end, String literal) {
    if (end - at < literal.length()) {
      return false;
    }
    for (int i = 0; i < literal.length(); i++) {
      if (array[at + i] != literal.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean readable(byte[] array, int from, int to, Reading reading) {
    if (reading == Reading.WIDE) {
      return true;
    }
    for (int i = from; i < to; i++) {
      if (array[i] != '/' && !isPathCharacter(array[i] & 0xff)) {
        return false;
      }
    }
    return true;
  }
}
