package io.selvage.policy;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node that is visited once, when a connection becomes known: it finds the rules that the
 * connection alone satisfies, and leaves in {@link Subject#frontier} what a request must be asked.
 */
abstract sealed class ConnectionNode extends Node {
  ConnectionNode(int min) {
    super(min);
  }

  /** A few clauses; what the connection decides of them is decided. */
  static final class Leaf extends ConnectionNode {
    private final List<Clause> clauses;

    Leaf(List<Clause> clauses) {
      super(clauses.getFirst().rule());
      this.clauses = clauses;
    }

    @Override
    int find(Subject subject, int best) {
      for (Clause clause : clauses) {
        if (clause.rule() >= best) {
          break;
        }
        Predicate left = clause.predicate().bind(subject);
        if (left == Predicate.Constant.ALWAYS) {
          return clause.rule();
        }
        if (left != Predicate.Constant.NEVER) {
          subject.frontier.add(clause.rule(), left);
        }
      }
      return best;
    }
  }

  /** Where the connection's part of the index ends and the request's begins. */
  static final class Handover extends ConnectionNode {
    private final RequestNode node;

    Handover(RequestNode node) {
      super(node.min);
      this.node = node;
    }

    @Override
    int find(Subject subject, int best) {
      subject.frontier.add(node);
      return best;
    }
  }

  /** Both of two. */
  static final class Both extends ConnectionNode {
    private final Node one;
    private final Node other;

    Both(Node one, Node other) {
      super(Math.min(one.min, other.min));
      this.one = one;
      this.other = other;
    }

    @Override
    int find(Subject subject, int best) {
      return visit(other, subject, visit(one, subject, best));
    }
  }

  /** Goes on with the clauses that one attribute satisfies, and with those it doesn't constrain. */
  abstract static sealed class Branch extends ConnectionNode {
    private final @Nullable Node rest;

    Branch(int min, @Nullable Node rest) {
      super(min);
      this.rest = rest;
    }

    @Override
    final int find(Subject subject, int best) {
      int base = subject.top();
      push(subject);
      return visit(rest, subject, subject.visit(base, best));
    }

    abstract void push(Subject subject);
  }

  static final class PrincipalBranch extends Branch {
    private static final byte[] NAMESPACE = "/ns/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ACCOUNT = "/sa/".getBytes(StandardCharsets.US_ASCII);

    private final TextIndex index;
    private final Map<String, Node> namespaces;
    private final Map<String, Node> accounts;

    /**
     * @param accounts by {@code namespace/account}, neither of which has a slash
     */
    PrincipalBranch(
        int min,
        TextIndex index,
        Map<String, Node> namespaces,
        Map<String, Node> accounts,
        @Nullable Node rest) {
      super(min, rest);
      this.index = index;
      this.namespaces = namespaces;
      this.accounts = accounts;
    }

    @Override
    void push(Subject subject) {
      byte[] principal = subject.principal;
      if (principal == null) {
        return;
      }
      index.push(subject, principal, 0, principal.length);
      if (namespaces.isEmpty() && accounts.isEmpty()) {
        return;
      }
      for (int at = find(principal, 0, NAMESPACE);
          at >= 0;
          at = find(principal, at + 1, NAMESPACE)) {
        String namespace = segment(principal, at + NAMESPACE.length);
        pushFound(subject, namespaces.get(namespace));
        for (int i = find(principal, at + 1, ACCOUNT);
            i >= 0;
            i = find(principal, i + 1, ACCOUNT)) {
          String account = segment(principal, i + ACCOUNT.length);
          pushFound(subject, accounts.get(namespace + "/" + account));
        }
      }
    }

    private static int find(byte[] principal, int from, byte[] what) {
      return IdentityPattern.indexOf(principal, from, principal.length, what);
    }

    private static String segment(byte[] principal, int from) {
      int end = from;
      while (end < principal.length && principal[end] != '/') {
        end++;
      }
      return new String(principal, from, end - from, StandardCharsets.ISO_8859_1);
    }
  }

  static final class ServerNameBranch extends Branch {
    private final TextIndex index;

    ServerNameBranch(int min, TextIndex index, @Nullable Node rest) {
      super(min, rest);
      this.index = index;
    }

    @Override
    void push(Subject subject) {
      if (subject.serverName != null) {
        index.push(subject, subject.serverName, 0, subject.serverName.length);
      }
    }
  }

  static final class PortBranch extends Branch {
    private final Map<Integer, Node> byPort;

    PortBranch(int min, Map<Integer, Node> byPort, @Nullable Node rest) {
      super(min, rest);
      this.byPort = byPort;
    }

    @Override
    void push(Subject subject) {
      pushFound(subject, byPort.get(subject.facts.destinationPort()));
    }
  }

  static final class AddressBranch extends Branch {
    private final boolean source;
    private final Map<Cidr, Node> byBlock;
    private final int[] lengths;

    AddressBranch(int min, boolean source, Map<Cidr, Node> byBlock, @Nullable Node rest) {
      super(min, rest);
      this.source = source;
      this.byBlock = byBlock;
      this.lengths =
          byBlock.keySet().stream().mapToInt(Cidr::prefixLength).distinct().sorted().toArray();
    }

    @Override
    void push(Subject subject) {
      InetAddress address =
          source ? subject.facts.sourceAddress() : subject.facts.destinationAddress();
      int bits = address.getAddress().length * 8;
      for (int i = 0; i < lengths.length && lengths[i] <= bits; i++) {
        pushFound(subject, byBlock.get(new Cidr(address, lengths[i])));
      }
    }
  }

  private static int visit(@Nullable Node node, Subject subject, int best) {
    return node != null && node.min < best ? node.find(subject, best) : best;
  }

  private static void pushFound(Subject subject, @Nullable Node node) {
    if (node != null) {
      subject.push(node);
    }
  }
}
