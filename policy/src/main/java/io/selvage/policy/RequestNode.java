package io.selvage.policy;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node that looks at the request; on plain TCP only what constrains no request can match. */
abstract sealed class RequestNode extends Node {
  RequestNode(int min) {
    super(min);
  }

  /** A few clauses, or those that nothing tells apart, in the order of their rules. */
  static final class Leaf extends RequestNode {
    private final int[] rules;
    private final Predicate[] predicates;

    Leaf(List<Clause> clauses) {
      super(clauses.getFirst().rule());
      rules = clauses.stream().mapToInt(Clause::rule).toArray();
      predicates = clauses.stream().map(Clause::predicate).toArray(Predicate[]::new);
    }

    @Override
    int find(Subject subject, int best) {
      for (int i = 0; i < rules.length && rules[i] < best; i++) {
        if (predicates[i].test(subject)) {
          return rules[i];
        }
      }
      return best;
    }
  }

  /** Goes on with those clauses whose keys a text of the request satisfies, and with the rest. */
  abstract static sealed class TextBranch extends RequestNode {
    final TextIndex index;
    private final @Nullable Node rest;

    TextBranch(int min, TextIndex index, @Nullable Node rest) {
      super(min);
      this.index = index;
      this.rest = rest;
    }

    @Override
    final int find(Subject subject, int best) {
      int base = subject.top();
      RequestView request = subject.request;
      if (request != null) {
        push(subject, request);
      }
      int found = subject.visit(base, best);
      return rest != null && rest.min < found ? rest.find(subject, found) : found;
    }

    abstract void push(Subject subject, RequestView request);

    final void push(Subject subject, ByteSlice text) {
      index.push(subject, text.array(), text.start(), text.end());
    }
  }

  static final class PathBranch extends TextBranch {
    PathBranch(int min, TextIndex index, @Nullable Node rest) {
      super(min, index, rest);
    }

    @Override
    void push(Subject subject, RequestView request) {
      push(subject, request.path());
    }
  }

  static final class SegmentBranch extends TextBranch {
    private final int segment;

    SegmentBranch(int min, TextIndex index, @Nullable Node rest, int segment) {
      super(min, index, rest);
      this.segment = segment;
    }

    @Override
    void push(Subject subject, RequestView request) {
      ByteSlice path = request.path();
      byte[] array = path.array();
      int slashes = 0;
      for (int i = path.start(); i < path.end(); i++) {
        if (array[i] == '/' && slashes++ == segment) {
          int end = i + 1;
          while (end < path.end() && array[end] != '/') {
            end++;
          }
          index.push(subject, array, i + 1, end);
          return;
        }
      }
    }
  }

  static final class HostBranch extends TextBranch {
    HostBranch(int min, TextIndex index, @Nullable Node rest) {
      super(min, index, rest);
    }

    @Override
    void push(Subject subject, RequestView request) {
      push(subject, request.authority());
    }
  }

  static final class MethodBranch extends TextBranch {
    MethodBranch(int min, TextIndex index, @Nullable Node rest) {
      super(min, index, rest);
    }

    @Override
    void push(Subject subject, RequestView request) {
      push(subject, request.method());
    }
  }

  static final class HeaderBranch extends TextBranch {
    private final String name;

    HeaderBranch(int min, TextIndex index, @Nullable Node rest, String name) {
      super(min, index, rest);
      this.name = name;
    }

    @Override
    void push(Subject subject, RequestView request) {
      int count = 0;
      for (ByteSlice value = request.header(name, 0);
          value != null;
          value = request.header(name, count)) {
        push(subject, value);
        count++;
      }
      if (count > 1) {
        byte[] joined = subject.joinedHeader(request, name);
        index.push(subject, joined, 0, joined.length);
      }
    }
  }

  /** Goes on with the blocks that the client's address is in; on plain TCP its peer's. */
  static final class RemoteAddressBranch extends RequestNode {
    private final Map<Cidr, Node> byBlock;
    private final int[] lengths;
    private final @Nullable Node rest;

    RemoteAddressBranch(int min, Map<Cidr, Node> byBlock, @Nullable Node rest) {
      super(min);
      this.byBlock = byBlock;
      this.lengths =
          byBlock.keySet().stream().mapToInt(Cidr::prefixLength).distinct().sorted().toArray();
      this.rest = rest;
    }

    @Override
    int find(Subject subject, int best) {
      InetAddress address = subject.remoteAddress();
      int bits = address.getAddress().length * 8;
      int base = subject.top();
      for (int i = 0; i < lengths.length && lengths[i] <= bits; i++) {
        Node node = byBlock.get(new Cidr(address, lengths[i]));
        if (node != null) {
          subject.push(node);
        }
      }
      int found = subject.visit(base, best);
      return rest != null && rest.min < found ? rest.find(subject, found) : found;
    }
  }

  /** Goes on by what the verified token says, equal to one of the keys. */
  static final class ClaimBranch extends RequestNode {
    private final List<String> path;
    private final Map<String, Node> byValue;
    private final @Nullable Node rest;

    ClaimBranch(int min, List<String> path, Map<String, Node> byValue, @Nullable Node rest) {
      super(min);
      this.path = path;
      this.byValue = byValue;
      this.rest = rest;
    }

    @Override
    int find(Subject subject, int best) {
      RequestView request = subject.request;
      Object value = request == null ? null : RequestPredicate.Claim.valueAt(request, path);
      int base = subject.top();
      if (value instanceof List<?> list) {
        for (int i = 0; i < list.size(); i++) {
          push(subject, list.get(i));
        }
      } else {
        push(subject, value);
      }
      int found = subject.visit(base, best);
      return rest != null && rest.min < found ? rest.find(subject, found) : found;
    }

    private void push(Subject subject, @Nullable Object value) {
      Node node = value instanceof String text ? byValue.get(text) : null;
      if (node != null) {
        subject.push(node);
      }
    }
  }
}
