package io.selvage.control.kubernetes.inject;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a Pod's annotations one by one, and keeps what is wrong with them: all of it is told, not
 * the first alone.
 */
final class AnnotationReader {
  private static final int MOST_PORTS = 65_535;
  private static final String ALL = "*";

  private final Map<String, String> annotations;
  private final List<String> refused = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Set<String> read = new LinkedHashSet<>();

  AnnotationReader(Map<String, String> annotations) {
    this.annotations = annotations;
  }

  /** What makes injection impossible. */
  List<String> refused() {
    return refused;
  }

  /** What is not done, and does no harm. */
  List<String> warnings() {
    return warnings;
  }

  /** Those that were asked for by name. */
  Set<String> read() {
    return read;
  }

  Optional<String> text(String name) {
    read.add(name);
    return Optional.ofNullable(annotations.get(name));
  }

  void refuse(String name, String why) {
    refused.add("annotation %s: %s".formatted(name, why));
  }

  void warn(String name, String why) {
    warnings.add("annotation %s: %s".formatted(name, why));
  }

  /** The same of something that isn't an annotation. */
  void warnOf(String what, String why) {
    warnings.add("%s: %s".formatted(what, why));
  }

  /** The value if {@code reading} makes sense of it; its IllegalArgumentException is why not. */
  <T> Optional<T> value(String name, Function<String, T> reading) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(reading.apply(text.get()));
    } catch (IllegalArgumentException e) {
      refuse(name, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** As Go's {@code strconv.ParseBool} takes it. */
  Optional<Boolean> flag(String name) {
    return value(name, AnnotationReader::flagOf);
  }

  static boolean flagOf(String text) {
    return switch (text) {
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "0", "f", "F", "FALSE", "false", "False" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
    };
  }

  Optional<Integer> number(String name, int least, int most) {
    return value(name, text -> numberOf(text, least, most));
  }

  static int numberOf(String text, int least, int most) {
    String bare = text.strip();
    if (bare.matches("[0-9]{1,10}")) {
      long number = Long.parseLong(bare);
      if (number >= least && number <= most) {
        return (int) number;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is no number from %d to %d".formatted(text, least, most));
  }

  /** Ports with commas between; {@code *} where {@code all} says that it means something. */
  Optional<String> ports(String name, boolean all) {
    return value(name, text -> all && text.strip().equals(ALL) ? ALL : portsOf(text));
  }

  static String portsOf(String text) {
    return joined(text, part -> Integer.toString(numberOf(part, 1, MOST_PORTS)));
  }

  /** CIDR blocks with commas between; {@code *} where {@code all} says that it means something. */
  Optional<String> ranges(String name, boolean all) {
    return value(name, text -> rangesOf(text, all));
  }

  static String rangesOf(String text, boolean all) {
    return all && text.strip().equals(ALL) ? ALL : joined(text, AnnotationReader::rangeOf);
  }

  private static String rangeOf(String text) {
    int slash = text.indexOf('/');
    try {
      if (slash > 0) {
        InetAddress address = InetAddress.ofLiteral(text.substring(0, slash));
        int bits = numberOf(text.substring(slash + 1), 0, address.getAddress().length * 8);
        return address.getHostAddress() + "/" + bits;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is no CIDR block", e);
    }
    throw new IllegalArgumentException("'" + text + "' is no CIDR block, like 10.0.0.0/8");
  }

  /** Names of network interfaces with commas between. */
  Optional<String> interfaces(String name) {
    return value(name, text -> joined(text, AnnotationReader::interfaceOf));
  }

  private static String interfaceOf(String text) {
    // what the kernel takes (dev_valid_name), less what would need quoting
    if (text.matches("[A-Za-z0-9_.@-]{1,15}") && !text.matches("\\.\\.?")) {
      return text;
    }
    throw new IllegalArgumentException("'" + text + "' is no name of a network interface");
  }

  private static String joined(String text, Function<String, String> part) {
    if (text.isBlank()) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    for (String one : text.split(",", -1)) {
      parts.add(part.apply(one.strip()));
    }
    return String.join(",", parts);
  }

  /** A quantity as Kubernetes writes it: {@code 100m}, {@code 1.5Gi}, {@code 2e3}. */
  Optional<String> quantity(String name) {
    return value(name, text -> Quantity.of(text).text());
  }

  /** A JSON object. */
  Optional<ObjectNode> object(String name) {
    return value(
        name,
        text -> {
          try {
            JsonNode tree = JsonMapper.shared().readTree(text);
            if (tree instanceof ObjectNode object) {
              return object;
            }
          } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
          }
          throw new IllegalArgumentException("no JSON object");
        });
  }
}
