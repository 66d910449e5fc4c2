package io.selvage.xds.client;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.TlsSettings;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which other resources a listener or a cluster names. */
final class References {
  private References() {}

  static Set<String> routes(Listener listener) {
    Set<String> names = new TreeSet<>();
    chains(listener)
        .forEach(
            chain -> {
              if (chain.stack() instanceof NetworkStack.Http http
                  && http.routes() instanceof NetworkStack.RouteSource.Named(String name)) {
                names.add(name);
              }
            });
    return names;
  }

  static Set<String> secrets(Listener listener) {
    Set<String> names = new TreeSet<>();
    chains(listener).forEach(chain -> chain.tls().ifPresent(tls -> secrets(tls, names)));
    return names;
  }

  static Set<String> secrets(Cluster cluster) {
    Set<String> names = new TreeSet<>();
    cluster.transport().forEach(match -> match.tls().ifPresent(tls -> secrets(tls, names)));
    return names;
  }

  static Optional<String> endpoints(Cluster cluster) {
    return cluster.discovery() instanceof Cluster.Discovery.Eds(String name)
        ? Optional.of(name)
        : Optional.empty();
  }

  private static void secrets(TlsSettings tls, Set<String> names) {
    tls.certificateSecret().filter(References::isAskedFor).ifPresent(names::add);
    tls.validationSecret().filter(References::isAskedFor).ifPresent(names::add);
  }

  /**
   * The workload's own certificate is never asked for: its key is made in this process and stays
   * here, as Istio's agent has it; the CA signs a request for it. Nor are files of this machine.
   */
  private static boolean isAskedFor(String secret) {
    return !TlsSettings.isOfAgent(secret);
  }

  private static Stream<FilterChain> chains(Listener listener) {
    return Stream.concat(listener.filterChains().stream(), listener.defaultFilterChain().stream());
  }
}
