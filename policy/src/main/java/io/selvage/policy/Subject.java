package io.selvage.policy;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a compiled rule is tested on: one connection in the form that tests read fastest, and the
 * request that is being decided. Belongs to one connection; not for two threads at once.
 */
final class Subject {
  final ConnectionFacts facts;
  final byte @Nullable [] principal;
  final byte @Nullable [] serverName;

  /** Null on plain TCP. */
  @Nullable RequestView request;

  /** Where nodes of the connection's part of an index leave what is still to be asked. */
  Frontier frontier = new Frontier();

  private final byte[] memo;
  private Node[] stack = new Node[16];
  private int top;

  /**
   * @param memoSize how many answers {@link #remembered} may be asked for
   */
  Subject(ConnectionFacts facts, int memoSize) {
    this.facts = facts;
    this.principal = bytes(facts.peerPrincipal().orElse(null));
    this.serverName = bytes(facts.serverName().orElse(null));
    this.memo = new byte[memoSize];
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /** Lets go of what only the handshake needed. */
  void bound() {
    frontier = Frontier.NONE;
  }

  /** The client's address by trusted hops, else the connection's. */
  InetAddress remoteAddress() {
    InetAddress told = request == null ? null : request.remoteAddress();
    return told == null ? facts.sourceAddress() : told;
  }

  /** The values of a repeated header with commas between; allocates, so only for those. */
  byte[] joinedHeader(RequestView view, String name) {
    byte[] joined = new byte[256];
    int length = 0;
    for (int i = 0; ; i++) {
      ByteSlice value = view.header(name, i);
      if (value == null) {
        return Arrays.copyOf(joined, length);
      }
      int needed = length + 1 + value.length();
      if (needed > joined.length) {
        joined = Arrays.copyOf(joined, needed * 2);
      }
      if (i > 0) {
        joined[length++] = ',';
      }
      System.arraycopy(value.array(), value.start(), joined, length, value.length());
      length += value.length();
    }
  }

  /** The answer to a costly test of the connection: asked once. */
  boolean remembered(int slot, StringTest test, byte[] text) {
    if (memo[slot] == 0) {
      memo[slot] = (byte) (test.test(text, 0, text.length) ? 1 : 2);
    }
    return memo[slot] == 1;
  }

  /** How high the stack of nodes to visit is. */
  int top() {
    return top;
  }

  void push(Node node) {
    if (top == stack.length) {
      stack = Arrays.copyOf(stack, top * 2);
    }
    stack[top++] = node;
  }

  /** Visits the nodes pushed since the stack was {@code base} high, and drops them. */
  int visit(int base, int best) {
    int least = best;
    int end = top;
    for (int i = base; i < end; i++) {
      Node node = stack[i];
      if (node.min < least) {
        least = node.find(this, least);
      }
    }
    top = base;
    return least;
  }
}
