package io.selvage.prove.atom;

import io.selvage.policy.Cidr;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Cuts the addresses of both families at the ends of blocks. What lies between two cuts is in the
 * same blocks; pieces that are in the same blocks are one atom.
 */
final class AddressAtoms {
  private static final List<InetAddress> PLEASANT =
      List.of(InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("192.0.2.1"));

  /** What IPv6 addresses that stand for IPv4 begin with, 96 bits. */
  private static final BigInteger MAPPED = BigInteger.valueOf(0xffff);

  private AddressAtoms() {}

  static List<Atom<InetAddress>> of(List<Cidr> blocks) {
    Map<List<Integer>, Atom<InetAddress>> atoms = new HashMap<>();
    List<Atom<InetAddress>> ordered = new ArrayList<>();
    List<InetAddress> candidates = new ArrayList<>(PLEASANT);
    candidates.addAll(pieces(blocks, 4));
    candidates.addAll(pieces(blocks, 16));
    for (InetAddress candidate : candidates) {
      int[] in = matching(blocks, candidate);
      List<Integer> key = Arrays.stream(in).boxed().toList();
      if (!atoms.containsKey(key)) {
        Atom<InetAddress> atom = new Atom<>(candidate, in);
        atoms.put(key, atom);
        ordered.add(atom);
      }
    }
    return List.copyOf(ordered);
  }

  /** The blocks that have an address, ascending. */
  static int[] matching(List<Cidr> blocks, InetAddress address) {
    int[] in = new int[blocks.size()];
    int size = 0;
    for (int i = 0; i < blocks.size(); i++) {
      if (has(blocks.get(i), address)) {
        in[size++] = i;
      }
    }
    return Arrays.copyOf(in, size);
  }

  private static boolean has(Cidr block, InetAddress address) {
    byte[] wanted = block.address().getAddress();
    byte[] given = address.getAddress();
    int fixed = block.prefixLength();
    return wanted.length == given.length
        && number(wanted)
            .xor(number(given))
            .shiftRight(given.length * 8 - fixed)
            .equals(BigInteger.ZERO);
  }

  /** An address of each piece: not its first, if it has more, since that names a network. */
  private static List<InetAddress> pieces(List<Cidr> blocks, int length) {
    BigInteger end = BigInteger.ONE.shiftLeft(length * 8);
    TreeSet<BigInteger> cuts = new TreeSet<>(List.of(BigInteger.ZERO));
    for (Cidr block : blocks) {
      byte[] start = block.address().getAddress();
      if (start.length == length) {
        BigInteger first = number(start);
        cuts.add(first);
        cuts.add(first.add(BigInteger.ONE.shiftLeft(length * 8 - block.prefixLength())));
      }
    }
    List<InetAddress> pieces = new ArrayList<>();
    for (BigInteger cut : cuts) {
      if (cut.compareTo(end) < 0) {
        BigInteger higher = cuts.higher(cut);
        piece(cut, higher == null ? end : higher.min(end), length).ifPresent(pieces::add);
      }
    }
    return pieces;
  }

  /** None of IPv6 that stand for IPv4: those are of the other family. */
  private static Optional<InetAddress> piece(BigInteger first, BigInteger end, int length) {
    BigInteger second = first.add(BigInteger.ONE);
    BigInteger shown = second.compareTo(end) < 0 ? second : first;
    if (length == 16 && shown.shiftRight(32).equals(MAPPED)) {
      shown = MAPPED.add(BigInteger.ONE).shiftLeft(32);
    }
    return shown.compareTo(end) < 0 ? Optional.of(address(shown, length)) : Optional.empty();
  }

  private static BigInteger number(byte[] address) {
    return new BigInteger(1, address);
  }

  private static InetAddress address(BigInteger number, int length) {
    byte[] bytes = new byte[length];
    byte[] digits = number.toByteArray();
    int size = Math.min(length, digits.length);
    System.arraycopy(digits, digits.length - size, bytes, length - size, size);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + length + " bytes", e);
    }
  }
}
