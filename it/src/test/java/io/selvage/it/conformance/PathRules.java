package io.selvage.it.conformance;

import io.selvage.model.MeshConfig.PathNormalization;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/**
 * Path normalisation as Istio documents it, step by step on texts: slow, obvious, and made without
 * a look at the one that the proxy uses.
 *
 * @see <a
 *     href="https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ProxyPathNormalization">ProxyPathNormalization</a>
 */
final class PathRules {
  private PathRules() {}

  /**
   * The target that policy sees and that is forwarded.
   *
   * @param target path and query as sent
   * @return empty when it must be answered 400
   */
  static Optional<String> normalized(String target, PathNormalization mode) {
    String noFragment = target.split("#", 2)[0];
    String[] parts = noFragment.split("\\?", 2);
    String query = parts.length == 2 ? "?" + parts[1] : "";
    String path = parts[0];
    if (path.indexOf('\0') >= 0) {
      return Optional.empty();
    }
    if (mode == PathNormalization.NONE) {
      return Optional.of(path + query);
    }
    if (path.contains("%00")) {
      return Optional.empty();
    }
    if (mode == PathNormalization.DECODE_AND_MERGE_SLASHES) {
      path = path.replaceAll("%2[fF]|%5[cC]", "/");
    }
    path = decoded(path, PathRules::unreserved).replace('\\', '/');
    path = withoutDots(path);
    if (mode != PathNormalization.BASE) {
      path = path.replaceAll("/+", "/");
    }
    return Optional.of(encoded(path) + query);
  }

  /** What no URI may have and HTTP lets pass: Envoy's canonical form has it as an encoding. */
  private static String encoded(String path) {
    return Pattern.compile("[\"<>^`{|}]")
        .matcher(path)
        .replaceAll(found -> "%%%02X".formatted((int) found.group().charAt(0)));
  }

  /** RFC 3986 2.3. */
  private static boolean unreserved(int c) {
    return c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
  }

  private static String decoded(String path, IntPredicate wanted) {
    var out = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      String digits =
          path.substring(Math.min(i + 1, path.length()), Math.min(i + 3, path.length()));
      if (path.charAt(i) == '%' && digits.matches("[0-9a-fA-F]{2}")) {
        int value = Integer.parseInt(digits, 16);
        if (wanted.test(value)) {
          out.append((char) value);
          i += 2;
          continue;
        }
      }
      out.append(path.charAt(i));
    }
    return out.toString();
  }

  /**
   * RFC 3986 5.2.4, with empty segments as any others. Dots with parameters are dots
   * (CVE-2026-73551).
   */
  private static String withoutDots(String path) {
    List<String> kept = new ArrayList<>();
    String[] segments = path.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      boolean last = i == segments.length - 1;
      switch (segments[i].split(";", 2)[0]) {
        case "." -> {
          if (last) {
            kept.add("");
          }
        }
        case ".." -> {
          if (!kept.isEmpty()) {
            kept.removeLast();
          }
          if (last) {
            kept.add("");
          }
        }
        default -> kept.add(segments[i]);
      }
    }
    return "/" + String.join("/", kept);
  }
}
