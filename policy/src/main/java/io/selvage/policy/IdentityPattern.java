package io.selvage.policy;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression on a peer's identity of one of the few shapes that Istio generates, read
 * back so that it can be tested without a regex engine and found through an index. Whatever is not
 * exactly of such a shape is none, and stays a regex.
 */
@SuppressWarnings("ArrayRecordComponent") // private to the package, never compared or shown
sealed interface IdentityPattern {
  /** Whether {@code array[from, to)} matches, exactly as the expression would have it. */
  boolean matches(byte[] array, int from, int to);

  /** Has {@code /ns/NAMESPACE/} in it. */
  record Namespace(byte[] name, byte[] infix) implements IdentityPattern {
    @Override
    public boolean matches(byte[] array, int from, int to) {
      return indexOf(array, from, to, infix) >= 0 && isOneLine(array, from, to);
    }
  }

  /** {@code spiffe://.+/ns/NAMESPACE/(.+/|)sa/ACCOUNT(/.+)?}. */
  record ServiceAccount(byte[] namespace, byte[] account, byte[] infix, byte[] tail)
      implements IdentityPattern {
    @Override
    public boolean matches(byte[] array, int from, int to) {
      if (!startsWith(array, from, to, SCHEME) || !isOneLine(array, from, to)) {
        return false;
      }
      int at = indexOf(array, from + SCHEME.length + 1, to, infix);
      while (at >= 0) {
        int rest = at + infix.length;
        if (accountAt(array, rest, to)) {
          return true;
        }
        for (int i = rest + 2; i < to; i++) {
          if (array[i - 1] == '/' && accountAt(array, i, to)) {
            return true;
          }
        }
        at = indexOf(array, at + 1, to, infix);
      }
      return false;
    }

    private boolean accountAt(byte[] array, int at, int to) {
      if (!startsWith(array, at, to, tail)) {
        return false;
      }
      int end = at + tail.length;
      return end == to || (array[end] == '/' && end + 1 < to);
    }
  }

  /** {@code START.*END}. */
  record Ends(byte[] start, byte[] end) implements IdentityPattern {
    @Override
    public boolean matches(byte[] array, int from, int to) {
      return to - from >= start.length + end.length
          && startsWith(array, from, to, start)
          && startsWith(array, to - end.length, to, end)
          && isOneLine(array, from, to);
    }
  }

  /** {@code .+}. */
  record Something() implements IdentityPattern {
    @Override
    public boolean matches(byte[] array, int from, int to) {
      return to > from && isOneLine(array, from, to);
    }
  }

  byte[] SCHEME = "spiffe://".getBytes(StandardCharsets.US_ASCII);

  /** Reads {@code pattern} back; null when it is of no known shape. */
  static @Nullable IdentityPattern of(Pattern pattern) {
    if (pattern.flags() != 0) {
      return null;
    }
    String text = pattern.pattern();
    if (text.equals(".+")) {
      return new Something();
    }
    Matcher namespace = Shapes.NAMESPACE.matcher(text);
    if (namespace.matches()) {
      String name = unquoted(namespace.group(1));
      return new Namespace(StringTest.bytes(name), StringTest.bytes("/ns/" + name + "/"));
    }
    Matcher account = Shapes.SERVICE_ACCOUNT.matcher(text);
    if (account.matches()) {
      String ns = unquoted(account.group(1));
      String sa = unquoted(account.group(2));
      return new ServiceAccount(
          StringTest.bytes(ns),
          StringTest.bytes(sa),
          StringTest.bytes("/ns/" + ns + "/"),
          StringTest.bytes("sa/" + sa));
    }
    Matcher ends = Shapes.ENDS.matcher(text);
    return ends.matches()
        ? new Ends(
            StringTest.bytes(unquoted(ends.group(1))), StringTest.bytes(unquoted(ends.group(2))))
        : null;
  }

  private static String unquoted(String literal) {
    return literal.replaceAll("\\\\(.)", "$1");
  }

  private static boolean isOneLine(byte[] array, int from, int to) {
    for (int i = from; i < to; i++) {
      if (array[i] == '\n') {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(byte[] array, int from, int to, byte[] value) {
    return to - from >= value.length
        && Arrays.equals(array, from, from + value.length, value, 0, value.length);
  }

  /** Where {@code value} begins in {@code array[from, to)}, or -1. */
  static int indexOf(byte[] array, int from, int to, byte[] value) {
    for (int i = from; i <= to - value.length; i++) {
      if (array[i] == value[0]
          && Arrays.equals(array, i, i + value.length, value, 0, value.length)) {
        return i;
      }
    }
    return -1;
  }

  /** How the known shapes are written. */
  final class Shapes {
    private static final String SPECIAL = "\\\\.+*?()|\\[\\]{}^$";
    private static final String ESCAPED = "\\\\[" + SPECIAL + "]";
    private static final String LITERAL = "((?:[^" + SPECIAL + "\\n]|" + ESCAPED + ")+)";
    private static final String SEGMENT = "((?:[^" + SPECIAL + "\\n/]|" + ESCAPED + ")+)";
    static final java.util.regex.Pattern NAMESPACE =
        java.util.regex.Pattern.compile("\\.\\*/ns/" + SEGMENT + "/\\.\\*");
    static final java.util.regex.Pattern SERVICE_ACCOUNT =
        java.util.regex.Pattern.compile(
            "spiffe://\\.\\+/ns/"
                + SEGMENT
                + "/\\(\\.\\+/\\|\\)sa/"
                + SEGMENT
                + "\\(/\\.\\+\\)\\?");
    static final java.util.regex.Pattern ENDS =
        java.util.regex.Pattern.compile(LITERAL + "\\.\\*" + LITERAL);

    private Shapes() {}
  }
}
