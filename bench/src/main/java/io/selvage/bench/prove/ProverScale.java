package io.selvage.bench.prove;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.PortProtocol;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import io.selvage.prove.DiffReport;
import io.selvage.prove.LintReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Options;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Prover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Asks about a mesh that {@link RandomMesh} wrote, and prints what it took, as one line of {@code
 * key=value}. Run as {@code ProverScale generate|diff|lint|both|watch|adversary …}; {@code
 * bench/prove/scale.py} does.
 */
public final class ProverScale {
  private final Prover prover = new Prover(Options.DEFAULT);
  private final Map<Path, ReadResult> read = new LinkedHashMap<>();

  private ProverScale() {}

  /** See the class. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[1]);
    int workloads = Integer.parseInt(args[2]);
    ProverScale scale = new ProverScale();
    switch (args[0]) {
      case "generate" ->
          new RandomMesh(
                  workloads,
                  Integer.parseInt(args[3]),
                  Double.parseDouble(args[4]),
                  Long.parseLong(args[5]))
              .write(folder);
      case "diff" -> scale.diff(folder, workloads);
      case "lint" -> scale.lint(scale.mesh(folder.resolve("head"), workloads));
      case "both" -> {
        scale.diff(folder, workloads);
        scale.lint(scale.mesh(folder.resolve("head"), workloads));
      }
      case "watch" -> scale.watch(folder, workloads);
      case "adversary" -> scale.adversary(workloads);
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.out.println("rss_kb=" + peakMemory());
  }

  private static String peakMemory() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .findFirst()
          .orElse("0");
    }
  }

  /** Files that were read before are not read again. */
  private Mesh mesh(Path folder, int workloads) throws IOException {
    List<Resource> resources = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        ReadResult result = read.get(file);
        if (result == null) {
          result = ResourceReader.read(file.toString(), Files.readString(file));
          read.put(file, result);
        }
        resources.addAll(result.resources());
        problems.addAll(result.problems());
      }
    }
    MeshSnapshot snapshot = MeshSnapshot.of(1, resources, problems);
    if (problems.stream().anyMatch(Problem::isError)) {
      throw new IllegalStateException(problems.toString());
    }
    return Mesh.of(folder.toString(), snapshot, inventory(workloads));
  }

  private static List<ProvedWorkload> inventory(int workloads) {
    List<ProvedWorkload> all = new ArrayList<>();
    for (int i = 0; i < workloads; i++) {
      String namespace = RandomMesh.namespace(i);
      String name = "w" + i;
      all.add(
          new ProvedWorkload(
              "",
              namespace,
              name,
              Map.of("app", name),
              Optional.of("spiffe://cluster.local/ns/" + namespace + "/sa/" + name),
              List.of(
                  new Port(
                      "http", 8080, PortProtocol.HTTP, Optional.of(name + "." + namespace), 8080)),
              List.of(),
              true,
              SourceLocation.UNKNOWN));
    }
    return all;
  }

  private void diff(Path folder, int workloads) throws IOException {
    long start = System.nanoTime();
    Mesh base = mesh(folder.resolve("base"), workloads);
    Mesh head = mesh(folder.resolve("head"), workloads);
    long loaded = System.nanoTime();
    DiffReport report = prover.diff(base, head);
    System.out.printf(
        "read_ms=%d diff_ms=%d changes=%d inconclusive=%d distinct=%d nodes=%d%n",
        millis(start, loaded),
        millis(loaded, System.nanoTime()),
        report.changes().size(),
        report.inconclusive().size(),
        report.effort().distinct(),
        report.effort().largestNodes());
  }

  private void lint(Mesh mesh) {
    long start = System.nanoTime();
    LintReport report = prover.lint(mesh);
    System.out.printf(
        "lint_ms=%d findings=%d lint_inconclusive=%d lint_distinct=%d lint_nodes=%d%n",
        millis(start, System.nanoTime()),
        report.findings().size(),
        report.inconclusive().size(),
        report.effort().distinct(),
        report.effort().largestNodes());
  }

  /** As an editor's loop: after the first answer one file changes, again and again. */
  private void watch(Path folder, int workloads) throws IOException {
    Mesh base = mesh(folder.resolve("base"), workloads);
    prover.diff(base, mesh(folder.resolve("head"), workloads));
    Path file = folder.resolve("head").resolve("ns-0.yaml");
    String text = Files.readString(file);
    List<Long> times = new ArrayList<>();
    for (int round = 0; round < 9; round++) {
      Files.writeString(
          file, text.replace("/{*}", "/round" + round + "/{*}").replace("GET", "PUT"));
      long start = System.nanoTime();
      read.remove(file);
      DiffReport report = prover.diff(base, mesh(folder.resolve("head"), workloads));
      times.add(millis(start, System.nanoTime()));
      if (!report.inconclusive().isEmpty()) {
        throw new IllegalStateException(report.inconclusive().toString());
      }
    }
    Files.writeString(file, text);
    List<Long> sorted = times.stream().sorted().toList();
    System.out.printf(
        "watch_first_ms=%d watch_median_ms=%d watch_max_ms=%d%n",
        times.getFirst(), sorted.get(4), sorted.getLast());
  }

  /**
   * Rules that pair many header values with one another: the shape that makes a diagram's size
   * double with each.
   */
  private void adversary(int pairs) {
    StringBuilder rules = new StringBuilder("  - when:\n");
    for (String side : List.of("a", "b")) { // so that partners are far from each other
      for (int i = 0; i < pairs; i++) {
        rules.append("    - {key: \"request.headers[" + side + i + "]\", values: [y]}\n");
      }
    }
    for (int i = 0; i < pairs; i++) {
      rules.append(
          """
            - when:
              - key: request.headers[a%d]
                values: [x]
              - key: request.headers[b%d]
                values: [x]
          """
              .formatted(i, i));
    }
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: ns-0}
        spec:
          action: ALLOW
          rules:
        """
            + rules;
    long start = System.nanoTime();
    DiffReport report =
        prover.diff(
            adversarial(policy),
            adversarial(policy + "  - when: [{key: source.ip, values: [10.0.0.1]}]\n"));
    System.out.printf(
        "adversary_ms=%d changes=%d inconclusive=%d nodes=%d%n",
        millis(start, System.nanoTime()),
        report.changes().size(),
        report.inconclusive().size(),
        report.effort().largestNodes());
  }

  private static Mesh adversarial(String policy) {
    ReadResult result = ResourceReader.read("adversary.yaml", policy);
    if (result.hasErrors()) {
      throw new IllegalStateException(result.problems().toString());
    }
    return Mesh.of("", MeshSnapshot.of(1, result.resources(), result.problems()), inventory(1));
  }

  private static long millis(long from, long to) {
    return (to - from) / 1_000_000;
  }
}
