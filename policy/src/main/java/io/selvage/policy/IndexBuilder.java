package io.selvage.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds the index of one rule set: a tree that branches on one attribute at a time, on those of
 * the connection first. At each node it takes the attribute that leaves the fewest clauses to look
 * at, until few are left or none can be told apart. A clause lies under each of its keys; clauses
 * that the attribute doesn't constrain lie in the rest.
 */
final class IndexBuilder {
  /** With so few clauses testing one after the other is faster than any look-up. */
  private static final int FEW = 6;

  /** A branch must leave at most this part of the clauses. */
  private static final double WORTH_IT = 0.75;

  private static final int MOST_CANDIDATES = 16;

  private static final int COPIES_PER_CLAUSE = 48;

  private long copiesLeft;

  /** In proportion to what was written: rules, and the values that rules have. */
  private IndexBuilder(List<Clause> clauses) {
    long values =
        clauses.stream()
            .flatMap(clause -> clause.constraints().values().stream())
            .mapToLong(Set::size)
            .sum();
    copiesLeft = 1024 + (long) clauses.size() * COPIES_PER_CLAUSE + 2 * values;
  }

  /** The index of {@code clauses}, which are in the order of their rules; null when none. */
  static @Nullable Node build(List<Clause> clauses) {
    return clauses.isEmpty() ? null : new IndexBuilder(clauses).connectionNode(clauses, Set.of());
  }

  private Node connectionNode(List<Clause> clauses, Set<Dimension> used) {
    if (clauses.size() <= FEW) {
      return new ConnectionNode.Leaf(clauses);
    }
    Split split = bestSplit(clauses, used, Dimension.OfConnection.class);
    if (split != null) {
      return connectionBranch(clauses.getFirst().rule(), split, used);
    }
    List<Clause> decided = clauses.stream().filter(Clause::ofConnection).toList();
    List<Clause> open = clauses.stream().filter(clause -> !clause.ofConnection()).toList();
    if (open.size() <= FEW) {
      return new ConnectionNode.Leaf(clauses);
    }
    Node handover = new ConnectionNode.Handover(requestNode(open, used));
    return decided.isEmpty()
        ? handover
        : new ConnectionNode.Both(new ConnectionNode.Leaf(decided), handover);
  }

  private RequestNode requestNode(List<Clause> clauses, Set<Dimension> used) {
    Split split =
        clauses.size() <= FEW ? null : bestSplit(clauses, used, Dimension.OfRequest.class);
    return split == null
        ? new RequestNode.Leaf(clauses)
        : requestBranch(clauses.getFirst().rule(), split, used);
  }

  /**
   * Clauses parted by one dimension.
   *
   * @param fold whether keys are compared whatever the case; they are in lower case then
   */
  private record Split(
      Dimension dimension, Map<IndexKey, List<Clause>> byKey, List<Clause> rest, boolean fold) {
    <N extends Node> Map<IndexKey, Node> nodes(Function<List<Clause>, N> node) {
      Map<IndexKey, Node> nodes = new HashMap<>();
      byKey.forEach((key, clauses) -> nodes.put(key, node.apply(clauses)));
      return nodes;
    }

    @Nullable Node restNode(Function<List<Clause>, ? extends Node> node) {
      return rest.isEmpty() ? null : node.apply(rest);
    }
  }

  private @Nullable Split bestSplit(
      List<Clause> clauses, Set<Dimension> used, Class<? extends Dimension> kind) {
    List<Dimension> candidates = candidates(clauses, used, kind);
    Dimension best = null;
    double least = clauses.size() * WORTH_IT;
    for (Dimension dimension : candidates) {
      double cost = cost(clauses, dimension);
      if (cost < least) {
        least = cost;
        best = dimension;
      }
    }
    return best == null ? null : split(clauses, best);
  }

  /** The dimensions that constrain most clauses; a policy may name any number of headers. */
  private static List<Dimension> candidates(
      List<Clause> clauses, Set<Dimension> used, Class<? extends Dimension> kind) {
    Map<Dimension, Integer> constrained = new LinkedHashMap<>();
    for (Clause clause : clauses) {
      for (Dimension dimension : clause.constraints().keySet()) {
        if (kind.isInstance(dimension) && !used.contains(dimension)) {
          constrained.merge(dimension, 1, Integer::sum);
        }
      }
    }
    return constrained.entrySet().stream()
        .sorted(Map.Entry.<Dimension, Integer>comparingByValue().reversed())
        .limit(MOST_CANDIDATES)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** How many clauses a look-up that finds something leaves, on average. */
  private static double cost(List<Clause> clauses, Dimension dimension) {
    Map<IndexKey, Integer> sizes = new HashMap<>();
    int rest = 0;
    for (Clause clause : clauses) {
      Set<IndexKey> keys = clause.constraints().get(dimension);
      if (keys == null) {
        rest++;
      } else {
        keys.forEach(key -> sizes.merge(key, 1, Integer::sum));
      }
    }
    double copies = 0;
    double squares = 0;
    for (int size : sizes.values()) {
      copies += size;
      squares += (double) size * size;
    }
    return rest + squares / copies;
  }

  /** Null when it would take too many copies. */
  private @Nullable Split split(List<Clause> clauses, Dimension dimension) {
    boolean fold =
        clauses.stream()
            .flatMap(clause -> clause.constraints().getOrDefault(dimension, Set.of()).stream())
            .anyMatch(IndexBuilder::isFolded);
    Map<IndexKey, List<Clause>> byKey = new LinkedHashMap<>();
    List<Clause> rest = new ArrayList<>();
    long copies = 0;
    for (Clause clause : clauses) {
      Set<IndexKey> keys = clause.constraints().get(dimension);
      if (keys == null) {
        rest.add(clause);
        continue;
      }
      for (IndexKey key : fold ? folded(keys) : keys) {
        byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(clause);
        copies++;
      }
    }
    if (copies > copiesLeft) {
      return null;
    }
    copiesLeft -= copies;
    return new Split(dimension, byKey, rest, fold);
  }

  private static boolean isFolded(IndexKey key) {
    return switch (key) {
      case IndexKey.Whole(_, boolean fold) -> fold;
      case IndexKey.Start(_, boolean fold) -> fold;
      case IndexKey.End(_, boolean fold) -> fold;
      case IndexKey.Namespace _, IndexKey.Account _, IndexKey.Block _, IndexKey.PortNumber _ ->
          false;
    };
  }

  private static Set<IndexKey> folded(Set<IndexKey> keys) {
    Set<IndexKey> folded = new HashSet<>();
    for (IndexKey key : keys) {
      folded.add(
          switch (key) {
            case IndexKey.Whole(String text, _) -> new IndexKey.Whole(TextIndex.folded(text), true);
            case IndexKey.Start(String text, _) -> new IndexKey.Start(TextIndex.folded(text), true);
            case IndexKey.End(String text, _) -> new IndexKey.End(TextIndex.folded(text), true);
            case IndexKey.Namespace _,
                IndexKey.Account _,
                IndexKey.Block _,
                IndexKey.PortNumber _ ->
                key;
          });
    }
    return folded;
  }

  private Node connectionBranch(int min, Split split, Set<Dimension> usedBefore) {
    Set<Dimension> used = with(usedBefore, split.dimension());
    Map<IndexKey, Node> nodes = split.nodes(clauses -> connectionNode(clauses, used));
    Node rest = split.restNode(clauses -> connectionNode(clauses, used));
    return switch ((Dimension.OfConnection) split.dimension()) {
      case Dimension.Principal _ ->
          new ConnectionNode.PrincipalBranch(
              min,
              new TextIndex(nodes, split.fold()),
              byName(nodes, key -> key instanceof IndexKey.Namespace(String ns) ? ns : null),
              byName(
                  nodes,
                  key ->
                      key instanceof IndexKey.Account(String ns, String sa) ? ns + "/" + sa : null),
              rest);
      case Dimension.SourceAddress _ ->
          new ConnectionNode.AddressBranch(min, true, byName(nodes, IndexBuilder::block), rest);
      case Dimension.DestinationAddress _ ->
          new ConnectionNode.AddressBranch(min, false, byName(nodes, IndexBuilder::block), rest);
      case Dimension.Port _ ->
          new ConnectionNode.PortBranch(
              min,
              byName(nodes, key -> key instanceof IndexKey.PortNumber(int number) ? number : null),
              rest);
      case Dimension.ServerName _ ->
          new ConnectionNode.ServerNameBranch(min, new TextIndex(nodes, split.fold()), rest);
    };
  }

  private RequestNode requestBranch(int min, Split split, Set<Dimension> usedBefore) {
    Set<Dimension> used = with(usedBefore, split.dimension());
    Map<IndexKey, Node> nodes = split.nodes(clauses -> requestNode(clauses, used));
    Node rest = split.restNode(clauses -> requestNode(clauses, used));
    TextIndex index = new TextIndex(nodes, split.fold());
    return switch ((Dimension.OfRequest) split.dimension()) {
      case Dimension.RemoteAddress _ ->
          new RequestNode.RemoteAddressBranch(min, byName(nodes, IndexBuilder::block), rest);
      case Dimension.Path _, Dimension.PathTail _ -> new RequestNode.PathBranch(min, index, rest);
      case Dimension.PathSegment(int segment) ->
          new RequestNode.SegmentBranch(min, index, rest, segment);
      case Dimension.Host _ -> new RequestNode.HostBranch(min, index, rest);
      case Dimension.Method _ -> new RequestNode.MethodBranch(min, index, rest);
      case Dimension.Header(String name) -> new RequestNode.HeaderBranch(min, index, rest, name);
      case Dimension.Claim(List<String> path) ->
          new RequestNode.ClaimBranch(
              min,
              path,
              byName(nodes, key -> key instanceof IndexKey.Whole(String text, _) ? text : null),
              rest);
    };
  }

  private static @Nullable Cidr block(IndexKey key) {
    return key instanceof IndexKey.Block(Cidr block) ? block : null;
  }

  private static <T> Map<T, Node> byName(
      Map<IndexKey, Node> nodes, Function<IndexKey, @Nullable T> name) {
    Map<T, Node> named = new HashMap<>();
    nodes.forEach(
        (key, node) -> {
          T its = name.apply(key);
          if (its != null) {
            named.put(its, node);
          }
        });
    return named;
  }

  private static Set<Dimension> with(Set<Dimension> used, Dimension dimension) {
    Set<Dimension> more = new HashSet<>(used);
    more.add(dimension);
    return more;
  }
}
