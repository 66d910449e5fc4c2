package io.selvage.cli.prove.report;

import io.selvage.prove.Mesh;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.ReachReport;
import io.selvage.prove.ReachReport.Reach;
import io.selvage.prove.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who can talk to whom as a graph: namespaces, or the workloads around one, and between two an edge
 * where one can call the other.
 *
 * @param nodes in order
 * @param edges in order of their ends
 */
public record TrafficGraph(List<Node> nodes, List<Edge> edges) {
  /** Callers without an identity. */
  public static final String PLAINTEXT = "unauthenticated";

  /** Callers whose identity no known workload has. */
  public static final String UNKNOWN = "unknown identities";

  public TrafficGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * An end of edges.
   *
   * @param outside not of the mesh: plaintext and unknown identities
   * @param called whether it was asked who can call it, so that no edge means nobody
   */
  public record Node(String name, boolean outside, boolean called, boolean focus) {}

  /**
   * One can call the other.
   *
   * @param label under which conditions, in short
   */
  public record Edge(String from, String to, String label, State state, boolean asked) {}

  /** What became of an edge by a change. */
  public enum State {
    UNCHANGED,
    ADDED,
    REMOVED,
    CHANGED
  }

  /**
   * Of one mesh.
   *
   * @param focus by workload, only what can call it and what it can call
   */
  public static TrafficGraph of(Mesh mesh, ReachReport report, Optional<ProvedWorkload> focus) {
    Map<Ends, Set<String>> edges = edges(mesh, report, focus);
    return of(edges, edges, targets(report, focus), focus);
  }

  /** Of a change. */
  public static TrafficGraph of(
      Mesh base, ReachReport before, Mesh head, ReachReport after, Optional<ProvedWorkload> focus) {
    Set<String> targets = targets(before, focus);
    targets.addAll(targets(after, focus));
    return of(edges(base, before, focus), edges(head, after, focus), targets, focus);
  }

  private record Ends(String from, String to) implements Comparable<Ends> {
    @Override
    public int compareTo(Ends other) {
      int byTo = to.compareTo(other.to);
      return byTo == 0 ? from.compareTo(other.from) : byTo;
    }
  }

  private static TrafficGraph of(
      Map<Ends, Set<String>> before,
      Map<Ends, Set<String>> after,
      Set<String> targets,
      Optional<ProvedWorkload> focus) {
    Map<Ends, Set<String>> all = new TreeMap<>(before);
    all.putAll(after);
    List<Edge> edges = new ArrayList<>();
    Set<String> names = new TreeSet<>(targets);
    all.forEach(
        (ends, conditions) -> {
          Set<String> old = before.get(ends);
          Set<String> fresh = after.get(ends);
          State state =
              old == null
                  ? State.ADDED
                  : fresh == null
                      ? State.REMOVED
                      : old.equals(fresh) ? State.UNCHANGED : State.CHANGED;
          boolean asked = conditions.stream().allMatch(one -> one.contains("authorizer "));
          edges.add(new Edge(ends.from(), ends.to(), label(conditions), state, asked));
          names.add(ends.from());
          names.add(ends.to());
        });
    String focused = focus.map(ProvedWorkload::qualifiedName).orElse("");
    return new TrafficGraph(
        names.stream()
            .map(
                name ->
                    new Node(
                        name,
                        name.equals(PLAINTEXT) || name.equals(UNKNOWN),
                        targets.contains(name),
                        name.equals(focused)))
            .toList(),
        edges);
  }

  private static String label(Set<String> conditions) {
    if (conditions.contains("any request")) {
      return "any request";
    }
    String first = conditions.iterator().next();
    String some = first.length() <= 48 ? first : first.substring(0, 47) + "…";
    return conditions.size() == 1 ? some : some + " (+%d)".formatted(conditions.size() - 1);
  }

  private static Set<String> targets(ReachReport report, Optional<ProvedWorkload> focus) {
    Set<String> targets = new TreeSet<>();
    for (Reach reach : report.reaches()) {
      ProvedWorkload to = reach.place().workload();
      if (focus.isEmpty() || isSame(focus.get(), to)) {
        targets.add(named(to, focus));
      }
    }
    return targets;
  }

  private static Map<Ends, Set<String>> edges(
      Mesh mesh, ReachReport report, Optional<ProvedWorkload> focus) {
    Map<String, Set<ProvedWorkload>> callers = new HashMap<>();
    mesh.workloads()
        .forEach(
            one ->
                one.principal()
                    .ifPresent(
                        uri -> callers.computeIfAbsent(uri, _ -> new LinkedHashSet<>()).add(one)));
    Map<Ends, Set<String>> edges = new LinkedHashMap<>();
    for (Reach reach : report.reaches()) {
      ProvedWorkload to = reach.place().workload();
      for (Row row : reach.rows()) {
        String condition = Words.brief(row);
        for (String uri : row.known()) {
          callers
              .getOrDefault(uri, Set.of())
              .forEach(from -> add(edges, named(from, focus), to, focus, condition, from));
        }
        if (row.plaintext()) {
          add(edges, PLAINTEXT, to, focus, condition, to);
        }
        if (row.unknown()) {
          add(edges, UNKNOWN, to, focus, condition, to);
        }
      }
    }
    return edges;
  }

  private static void add(
      Map<Ends, Set<String>> edges,
      String from,
      ProvedWorkload to,
      Optional<ProvedWorkload> focus,
      String condition,
      ProvedWorkload caller) {
    boolean seen = focus.isEmpty() || isSame(focus.get(), to) || isSame(focus.get(), caller);
    String target = named(to, focus);
    boolean itself = isSame(caller, to) && from.equals(target) && focus.isPresent();
    if (seen && !itself) {
      edges.computeIfAbsent(new Ends(from, target), _ -> new TreeSet<>()).add(condition);
    }
  }

  private static boolean isSame(ProvedWorkload one, ProvedWorkload other) {
    return one.qualifiedName().equals(other.qualifiedName());
  }

  private static String named(ProvedWorkload workload, Optional<ProvedWorkload> focus) {
    if (focus.isPresent()) {
      return workload.qualifiedName();
    }
    return workload.cluster().isEmpty()
        ? workload.namespace()
        : workload.cluster() + "/" + workload.namespace();
  }
}
