package io.selvage.proxy.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The names that a mesh answers for and their IPv4 addresses; immutable, swapped as a whole. */
public final class NameTable {

  /** Knows no name. */
  public static final NameTable EMPTY = new NameTable(Map.of());

  private static final String WILDCARD = "*.";

  private final Map<String, List<Inet4Address>> names;

  private NameTable(Map<String, List<Inet4Address>> names) {
    this.names = Map.copyOf(names);
  }

  /** Starts an empty table. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The addresses of {@code name} in any case, with or without the final dot; empty when the mesh
   * does not know it. A known name without addresses gives an empty list. {@code *.example.com}
   * answers for every name below {@code example.com} that has no entry of its own.
   */
  public Optional<List<Inet4Address>> lookup(String name) {
    String key = normal(name);
    var exact = names.get(key);
    for (int dot = key.indexOf('.'); exact == null && dot >= 0; dot = key.indexOf('.', dot + 1)) {
      exact = names.get("*" + key.substring(dot));
    }
    return Optional.ofNullable(exact);
  }

  /** How many names there are. */
  public int size() {
    return names.size();
  }

  private static String normal(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /** Collects names; of two entries for one name the later holds. */
  public static final class Builder {
    private final Map<String, List<Inet4Address>> names = new HashMap<>();

    private Builder() {}

    /**
     * A Kubernetes service under its three qualified names, in the domain {@code cluster.local}.
     */
    public Builder service(String name, String namespace, List<? extends InetAddress> addresses) {
      String qualified = name + "." + namespace;
      return host(qualified, addresses)
          .host(qualified + ".svc", addresses)
          .host(qualified + ".svc.cluster.local", addresses);
    }

    /** Any other host, such as a ServiceEntry's; {@code *.} may come first. IPv6 is left out. */
    public Builder host(String host, List<? extends InetAddress> addresses) {
      if (host.indexOf('*') > 0 || (host.startsWith("*") && !host.startsWith(WILDCARD))) {
        throw new IllegalArgumentException("a wildcard stands alone and first, not as in " + host);
      }
      names.put(
          normal(host),
          addresses.stream()
              .filter(Inet4Address.class::isInstance)
              .map(Inet4Address.class::cast)
              .toList());
      return this;
    }

    /** The table as it is now. */
    public NameTable build() {
      return new NameTable(names);
    }
  }
}
