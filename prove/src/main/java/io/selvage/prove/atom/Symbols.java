package io.selvage.prove.atom;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers 0..255 for characters: ASCII is itself, the other characters that patterns name get
 * numbers of their own, and all the rest is one symbol. Safe for use by several threads.
 */
public final class Symbols {
  /** Every character that no pattern names and that is not ASCII. */
  static final int OTHER = 255;

  private static final int FIRST = 128;
  private final Map<Integer, Integer> byCharacter = new HashMap<>();
  private final List<Integer> characters = new ArrayList<>();

  /**
   * The symbols of a text.
   *
   * @throws Unmodelled when there are too many different ones
   */
  synchronized int[] of(String text) {
    return text.codePoints().map(this::symbol).toArray();
  }

  private int symbol(int character) {
    if (character < FIRST) {
      return character;
    }
    Integer known = byCharacter.get(character);
    if (known != null) {
      return known;
    }
    int next = FIRST + characters.size();
    if (next >= OTHER) {
      throw new Unmodelled("policies name more than 127 characters beyond ASCII");
    }
    characters.add(character);
    byCharacter.put(character, next);
    return next;
  }

  /** As {@link #of}, without giving numbers to what has none. */
  synchronized int[] known(String text) {
    return text.codePoints().map(c -> c < FIRST ? c : byCharacter.getOrDefault(c, OTHER)).toArray();
  }

  /** A text of these symbols. */
  synchronized String text(int[] symbols, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(character(symbols[i]));
    }
    return text.toString();
  }

  private int character(int symbol) {
    if (symbol < FIRST) {
      return symbol;
    }
    if (symbol - FIRST < characters.size()) {
      return characters.get(symbol - FIRST);
    }
    int free = 0x3b1; // α
    while (byCharacter.containsKey(free)) {
      free++;
    }
    return free;
  }
}
