package io.selvage.doctor.probe;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who asks whom: {@code --from sleep.sample --to httpbin.sample:8000}.
 *
 * @param from the workload that asks
 * @param to the Service that is asked
 * @param port the Service's
 */
public record Conversation(Party from, Party to, int port) {
  private static final String NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final Pattern PARTY =
      Pattern.compile("(?<name>%1$s)\\.(?<namespace>%1$s)(:(?<port>[0-9]{1,5}))?".formatted(NAME));

  /** A name and its namespace. */
  public record Party(String namespace, String name) {
    @Override
    public String toString() {
      return name + "." + namespace;
    }
  }

  /**
   * Reads both options.
   *
   * @return empty when they are not of that form
   */
  public static Optional<Conversation> of(String from, String to) {
    Matcher asks = PARTY.matcher(from);
    Matcher asked = PARTY.matcher(to);
    if (!asks.matches() || asks.group("port") != null || !asked.matches()) {
      return Optional.empty();
    }
    String port = asked.group("port");
    return port == null || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535
        ? Optional.empty()
        : Optional.of(new Conversation(party(asks), party(asked), Integer.parseInt(port)));
  }

  private static Party party(Matcher matched) {
    return new Party(matched.group("namespace"), matched.group("name"));
  }
}
