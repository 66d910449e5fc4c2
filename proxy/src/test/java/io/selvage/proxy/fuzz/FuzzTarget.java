package io.selvage.proxy.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Something that an attacker can reach with bytes, and what must hold whatever they are. */
public interface FuzzTarget {
  /** What it is called in folders and on the command line: {@code tls-hello}. */
  String name();

  /** Inputs to begin with: good ones, and attacks that are known. */
  List<byte[]> seeds();

  /** Words that the format is made of. */
  default List<String> words() {
    return List.of();
  }

  /**
   * Feeds one input.
   *
   * @throws AssertionError when something does not hold; anything else that is thrown is a finding
   *     as well
   */
  void run(byte[] input) throws Exception;

  /** Text of one character a byte. */
  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Bytes as text of one character each. */
  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
