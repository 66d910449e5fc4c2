package io.selvage.bench.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Writes a mesh of random policies as YAML: a folder {@code base} and a folder {@code head} in
 * which some policies differ, one file for each namespace. Of the policies ten are of the whole
 * mesh, of the rest four in five are of one workload and one in five of its namespace.
 *
 * <p>Values are of a rich vocabulary: most paths, headers, claims and accounts are in one policy
 * alone, since a small vocabulary makes atoms few and flatters.
 */
final class RandomMesh {
  private static final int MESH_WIDE = 10;
  private static final int WORKLOADS_A_NAMESPACE = 20;
  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD");

  private final int workloads;
  private final int policies;
  private final double changed;
  private final Random random;

  /**
   * @param changed which part of the policies differs on {@code head}
   */
  RandomMesh(int workloads, int policies, double changed, long seed) {
    this.workloads = workloads;
    this.policies = policies;
    this.changed = changed;
    this.random = new Random(seed);
  }

  static String namespace(int workload) {
    return "ns-" + workload / WORKLOADS_A_NAMESPACE;
  }

  void write(Path folder) throws IOException {
    int namespaces = (workloads + WORKLOADS_A_NAMESPACE - 1) / WORKLOADS_A_NAMESPACE;
    List<StringBuilder> base = new ArrayList<>();
    List<StringBuilder> head = new ArrayList<>();
    for (int i = 0; i <= namespaces; i++) {
      base.add(new StringBuilder());
      head.add(new StringBuilder());
    }
    for (int i = 0; i < policies; i++) {
      int workload = random.nextInt(workloads);
      int file = i < MESH_WIDE ? namespaces : workload / WORKLOADS_A_NAMESPACE;
      String namespace = i < MESH_WIDE ? "istio-system" : namespace(workload);
      String selector =
          i >= MESH_WIDE && random.nextInt(5) > 0
              ? "\n  selector: {matchLabels: {app: w" + workload + "}}"
              : "";
      String action = random.nextInt(100) < 15 ? "DENY" : "ALLOW";
      String before = policy(i, namespace, selector, action);
      boolean differs = i >= MESH_WIDE && random.nextDouble() < changed;
      base.get(file).append(before);
      head.get(file).append(differs ? policy(i, namespace, selector, action) : before);
    }
    for (int i = 0; i <= namespaces; i++) {
      String name = (i == namespaces ? "istio-system" : "ns-" + i) + ".yaml";
      write(folder.resolve("base").resolve(name), base.get(i));
      write(folder.resolve("head").resolve(name), head.get(i));
    }
  }

  private static void write(Path file, StringBuilder text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private String policy(int number, String namespace, String selector, String action) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p%d, namespace: %s}
        spec:%s
          action: %s
          rules:
        """
            .formatted(number, namespace, selector, action));
    for (int i = random.nextInt(4); i >= 0; i--) {
      rule(text, number);
    }
    return text.append("---\n").toString();
  }

  private void rule(StringBuilder text, int number) {
    text.append("  - from:\n    - source:\n");
    switch (random.nextInt(7)) {
      case 0 -> field(text, "namespaces", namespace(random.nextInt(workloads)));
      case 1 ->
          field(text, "serviceAccounts", namespace(random.nextInt(workloads)) + "/" + account());
      case 2 -> field(text, "notPrincipals", principal());
      case 3 ->
          field(
              text,
              "principals",
              "cluster.local/ns/" + namespace(random.nextInt(workloads)) + "/*");
      default -> field(text, "principals", principal(), principal());
    }
    if (random.nextInt(6) == 0) {
      field(
          text,
          random.nextBoolean() ? "ipBlocks" : "notIpBlocks",
          "10." + random.nextInt(256) + ".0.0/" + (16 + random.nextInt(9)));
    }
    text.append("    to:\n    - operation:\n");
    field(text, "methods", METHODS.get(random.nextInt(6)), METHODS.get(random.nextInt(6)));
    String path = "/" + word(number) + "/" + word(random.nextInt(4_000));
    switch (random.nextInt(8)) {
      case 0 -> field(text, "paths", path + "/{*}", path + "/{*}/" + word(random.nextInt(4_000)));
      case 1 -> field(text, "paths", path + "*");
      case 2 -> field(text, "paths", "*." + word(random.nextInt(4_000)));
      case 3 -> field(text, "notPaths", path, path + "/*");
      default -> field(text, "paths", path, path + "/" + word(random.nextInt(4_000)));
    }
    if (random.nextInt(6) == 0) {
      field(
          text,
          "hosts",
          word(random.nextInt(4_000)) + ".example.com",
          "*." + word(random.nextInt(4_000)) + ".example.com");
    }
    if (random.nextInt(6) == 0) {
      field(text, "ports", "8080");
    }
    if (random.nextInt(3) == 0) {
      text.append("    when:\n    - key: ");
      text.append(
          random.nextBoolean()
              ? "request.headers[x-" + word(random.nextInt(2_000)) + "]"
              : "request.auth.claims[" + word(random.nextInt(50)) + "]");
      text.append("\n      values: [\"").append(word(random.nextInt(4_000))).append("\"]\n");
    }
  }

  private static void field(StringBuilder text, String name, String... values) {
    text.append("        ").append(name).append(": [\"");
    text.append(String.join("\", \"", values)).append("\"]\n");
  }

  private String account() {
    return "w" + random.nextInt(workloads);
  }

  private String principal() {
    int caller = random.nextInt(workloads);
    return "cluster.local/ns/" + namespace(caller) + "/sa/w" + caller;
  }

  private static String word(int number) {
    return "w" + Integer.toString(number * 7919 + 1234, 36);
  }
}
