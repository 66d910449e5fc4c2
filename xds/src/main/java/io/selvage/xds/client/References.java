package io.selvage.xds.client;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.TlsSettings;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which other resources a listener or a cluster names, that must come from the control plane. */
final class References {
  private final Set<String> held;

  /**
   * References but for those to some secrets.
   *
   * @param held names of secrets that are here without being asked for
   */
  References(Set<String> held) {
    this.held = Set.copyOf(held);
  }

  static Set<String> routes(Listener listener) {
    Set<String> names = new TreeSet<>();
    listener
        .chains()
        .forEach(
            chain -> {
              if (chain.stack() instanceof NetworkStack.Http http
                  && http.routes() instanceof NetworkStack.RouteSource.Named(String name)) {
                names.add(name);
              }
            });
    return names;
  }

  /** Filters that it does not hold. */
  static Set<String> extensions(Listener listener) {
    Set<String> names = new TreeSet<>();
    listener.chains().forEach(chain -> names.addAll(chain.stack().discovered()));
    return names;
  }

  Set<String> secrets(Listener listener) {
    Set<String> names = new TreeSet<>();
    listener.chains().forEach(chain -> chain.tls().ifPresent(tls -> secrets(tls, names)));
    return names;
  }

  Set<String> secrets(Cluster cluster) {
    Set<String> names = new TreeSet<>();
    cluster.transport().forEach(match -> match.tls().ifPresent(tls -> secrets(tls, names)));
    return names;
  }

  static Optional<String> endpoints(Cluster cluster) {
    return cluster.discovery() instanceof Cluster.Discovery.Eds(String name)
        ? Optional.of(name)
        : Optional.empty();
  }

  private void secrets(TlsSettings tls, Set<String> names) {
    tls.certificateSecret().filter(this::isAskedFor).ifPresent(names::add);
    tls.validationSecret().filter(this::isAskedFor).ifPresent(names::add);
  }

  /** Nor are files of this machine asked for. */
  private boolean isAskedFor(String secret) {
    return !held.contains(secret) && !TlsSettings.isOfFiles(secret);
  }
}
