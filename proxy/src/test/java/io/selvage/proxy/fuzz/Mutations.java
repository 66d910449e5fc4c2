package io.selvage.proxy.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;

/** Inputs out of other inputs: pieces are cut out, doubled, bent, and put in from elsewhere. */
public final class Mutations {
  private static final int MOST = 4;
  private static final byte[] EDGES = {0, 1, 9, 10, 13, 32, 34, 44, 58, 59, 127, -128, -1};

  private final Random random;
  private final List<byte[]> corpus;
  private final List<byte[]> words;

  /** Mutations of the corpus, with words put in. */
  public Mutations(Random random, List<byte[]> corpus, List<String> words) {
    this.random = random;
    this.corpus = corpus;
    this.words = words.stream().map(FuzzTarget::bytes).toList();
  }

  /** The next input. */
  public byte[] next() {
    byte[] input = any(corpus).clone();
    for (int i = 1 + random.nextInt(MOST); i > 0; i--) {
      input = once(input);
    }
    return input;
  }

  private byte[] once(byte[] from) {
    int at = random.nextInt(from.length + 1);
    int end = Math.min(from.length, at + 1 + random.nextInt(random.nextBoolean() ? 2 : 40));
    return switch (random.nextInt(8)) {
      case 0 -> spliced(from, at, end, new byte[0]);
      case 1 -> spliced(from, at, at, piece(from, at, end));
      case 2 -> spliced(from, at, at, new byte[] {EDGES[random.nextInt(EDGES.length)]});
      case 3 -> spliced(from, at, Math.min(from.length, at + 1), new byte[] {bent(from, at)});
      case 4 -> {
        byte[] other = any(corpus);
        int start = random.nextInt(other.length + 1);
        int stop = Math.min(other.length, start + random.nextInt(60));
        yield spliced(from, at, random.nextBoolean() ? at : end, piece(other, start, stop));
      }
      case 5 -> spliced(from, at, from.length, new byte[0]);
      default ->
          words.isEmpty()
              ? spliced(from, at, at, new byte[] {(byte) random.nextInt()})
              : spliced(from, at, random.nextBoolean() ? at : end, any(words));
    };
  }

  private byte bent(byte[] from, int at) {
    if (at == from.length || random.nextInt(3) == 0) {
      return (byte) random.nextInt();
    }
    return random.nextBoolean()
        ? (byte) (from[at] + (random.nextBoolean() ? 1 : -1))
        : (byte) (from[at] ^ (1 << random.nextInt(8)));
  }

  private static byte[] spliced(byte[] from, int start, int end, byte[] put) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(from, 0, start);
    out.writeBytes(put);
    out.write(from, end, from.length - end);
    return out.toByteArray();
  }

  private static byte[] piece(byte[] from, int start, int end) {
    return java.util.Arrays.copyOfRange(from, start, end);
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
