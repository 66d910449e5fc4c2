package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Paths of the API. */
final class Paths {
  private Paths() {}

  /**
   * Where the objects of a kind are.
   *
   * @param namespace empty for all
   */
  static String of(Kind kind, String version, String namespace) {
    String group = kind.group().isEmpty() ? "/api/" : "/apis/" + kind.group() + "/";
    String where = namespace.isEmpty() ? "" : "/namespaces/" + encoded(namespace);
    return group + version + where + "/" + kind.plural();
  }

  /** What a page of a Pod is. */
  static String pod(String namespace, String name) {
    return "/api/v1/namespaces/%s/pods/%s".formatted(encoded(namespace), encoded(name));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
