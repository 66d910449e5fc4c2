package io.selvage.xds.parse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of Envoy's configuration Selvage understands: for each message the fields that are read and
 * those that are passed over, and the filters that are passed over whole. All of it is the text
 * {@code understood.txt} beside this class.
 */
public final class Understood {
  /**
   * The fields of one message.
   *
   * @param reads taken into account
   * @param passes left aside: no security decision hangs on them
   */
  public record Fields(Set<String> reads, Set<String> passes) {
    public Fields {
      reads = Set.copyOf(reads);
      passes = Set.copyOf(passes);
    }
  }

  private static final Understood TABLE = read();

  private final Map<String, Fields> messages;
  private final Map<String, String> filters;
  private final Map<String, String> reasons;

  private Understood(
      Map<String, Fields> messages, Map<String, String> filters, Map<String, String> reasons) {
    this.messages = Map.copyOf(messages);
    this.reasons = Map.copyOf(reasons);
    this.filters = Collections.unmodifiableMap(new TreeMap<>(filters));
  }

  /** All messages that are understood, by full name. */
  public static Map<String, Fields> messages() {
    return TABLE.messages;
  }

  /** Why each filter is passed over, by the full name of its configuration. */
  public static Map<String, String> passedOverFilters() {
    return TABLE.filters;
  }

  /** Why a field that is passed over may be; empty where nobody said. */
  public static Optional<String> reason(String message, String field) {
    String own = message + "." + field;
    return Optional.ofNullable(TABLE.reasons.getOrDefault(own, TABLE.reasons.get(field)));
  }

  static @Nullable Fields fields(String message) {
    return TABLE.messages.get(message);
  }

  static boolean isPassedOver(String message) {
    return TABLE.filters.containsKey(message);
  }

  private static Understood read() {
    Map<String, Set<String>> reads = new HashMap<>();
    Map<String, Set<String>> passes = new HashMap<>();
    Map<String, String> filters = new HashMap<>();
    Map<String, String> reasons = new HashMap<>();
    String message = "";
    for (String line : text().lines().toList()) {
      List<String> words = List.of(line.strip().split("\\s+"));
      switch (words.getFirst()) {
        case "", "#" -> {}
        case "message" -> {
          message = words.get(1);
          if (reads.put(message, new HashSet<>()) != null) {
            throw new IllegalStateException("understood.txt has message twice: " + message);
          }
          passes.put(message, new HashSet<>());
        }
        case "reads" -> of(reads, message).addAll(words.subList(1, words.size()));
        case "passes" -> of(passes, message).addAll(words.subList(1, words.size()));
        case "filter" -> {
          String[] parts = line.substring("filter ".length()).split(": ", 2);
          filters.put(parts[0], parts[1]);
        }
        case "because" -> {
          String[] parts = line.substring("because ".length()).split(": ", 2);
          for (String field : parts[1].split(" ")) {
            if (reasons.put(field, parts[0]) != null) {
              throw new IllegalStateException("understood.txt has two reasons for " + field);
            }
          }
        }
        default -> throw new IllegalStateException("understood.txt: " + line);
      }
    }
    Map<String, Fields> messages = new HashMap<>();
    reads.forEach((name, fields) -> messages.put(name, new Fields(fields, of(passes, name))));
    return new Understood(messages, filters, reasons);
  }

  private static Set<String> of(Map<String, Set<String>> map, String message) {
    Set<String> fields = map.get(message);
    if (fields == null) {
      throw new IllegalStateException("understood.txt: fields before any message");
    }
    return fields;
  }

  private static String text() {
    try (InputStream in = Understood.class.getResourceAsStream("understood.txt")) {
      if (in == null) {
        throw new IllegalStateException("understood.txt is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
