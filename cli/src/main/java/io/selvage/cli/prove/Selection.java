package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.prove.Mesh;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.SourceSelection;
import io.selvage.prove.WorkloadSelection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code --from} and {@code --to} say. */
public final class Selection {
  private static final int SHOWN = 12;

  private Selection() {}

  /** Callers: {@code NAMESPACE/ACCOUNT}, an identity, {@code plaintext}; nothing is anybody. */
  public static SourceSelection callers(Mesh mesh, @Nullable String from) {
    if (from == null) {
      return new SourceSelection.Anybody();
    }
    return from.equals("plaintext")
        ? new SourceSelection.Plaintext()
        : new SourceSelection.Principal(principal(mesh, from));
  }

  /** An identity as a URI; an account is completed with the trust domain of the mesh. */
  public static String principal(Mesh mesh, String caller) {
    if (caller.startsWith("spiffe://")) {
      return caller;
    }
    String[] parts = caller.split("/", -1);
    if (parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()) {
      String domain =
          mesh.clusters().values().stream()
              .findFirst()
              .map(snapshot -> snapshot.meshConfig().trustDomain())
              .orElse("cluster.local");
      return "spiffe://%s/ns/%s/sa/%s".formatted(domain, parts[0], parts[1]);
    }
    if (caller.matches("[^/]+/ns/[^/]+/sa/[^/]+")) {
      return "spiffe://" + caller;
    }
    throw new UserError(
        ExitCode.USAGE,
        "`%s` is no caller: NAMESPACE/SERVICEACCOUNT, an identity with its trust domain, or plaintext"
            .formatted(caller));
  }

  /**
   * Workloads by their names.
   *
   * @throws UserError when a name is nobody's: an answer about nothing would look like a good one
   */
  public static WorkloadSelection workloads(Mesh mesh, List<String> names, List<Integer> ports) {
    List<WorkloadSelection.Term> terms = names.stream().map(name -> term(mesh, name)).toList();
    return new WorkloadSelection(terms, new LinkedHashSet<>(ports));
  }

  private static WorkloadSelection.Term term(Mesh mesh, String name) {
    String[] parts = name.split("/", -1);
    boolean named = parts.length > 1 && !parts[parts.length - 1].isEmpty();
    Set<String> names = named ? Set.of(parts[parts.length - 1]) : Set.of();
    Set<String> namespaces = Set.of(parts.length == 3 ? parts[1] : parts[0]);
    Set<String> clusters = parts.length == 3 ? Set.of(parts[0]) : Set.of();
    var term = new WorkloadSelection.Term(clusters, namespaces, names, Map.of());
    var alone = new WorkloadSelection(List.of(term), Set.of());
    if (parts.length > 3 || mesh.workloads().stream().noneMatch(alone::has)) {
      throw new UserError(
          ExitCode.USAGE, "there is no workload `%s`; there are%s".formatted(name, listed(mesh)));
    }
    return term;
  }

  /** The one workload of that name. */
  public static ProvedWorkload workload(Mesh mesh, String name) {
    var selection = workloads(mesh, List.of(name), List.of());
    List<ProvedWorkload> found = mesh.workloads().stream().filter(selection::has).toList();
    if (found.size() > 1) {
      throw new UserError(
          ExitCode.USAGE,
          "`%s` are several workloads: choose one of\n%s"
              .formatted(
                  name,
                  found.stream()
                      .map(one -> "  " + one.qualifiedName())
                      .collect(Collectors.joining("\n"))));
    }
    return found.getFirst();
  }

  private static String listed(Mesh mesh) {
    if (mesh.workloads().isEmpty()) {
      return " none: no Deployment, Pod, WorkloadEntry or workloads.yaml was found";
    }
    String some =
        mesh.workloads().stream()
            .limit(SHOWN)
            .map(one -> "\n  " + one.qualifiedName())
            .collect(Collectors.joining());
    int more = mesh.workloads().size() - SHOWN;
    return more > 0 ? some + "\n  and %d more".formatted(more) : some;
  }
}
