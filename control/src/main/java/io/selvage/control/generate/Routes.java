package io.selvage.control.generate;

import io.selvage.control.generate.OutboundInput.Destination;
import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.MeshService.ServicePort;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import io.selvage.model.PortProtocol;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.RouteConfiguration.Action;
import io.selvage.xds.resource.RouteConfiguration.PathMatch;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;
import io.selvage.xds.resource.RouteConfiguration.Route;
import io.selvage.xds.resource.RouteConfiguration.VirtualHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Route configurations of the outbound side. */
final class Routes {
  private static final String CLUSTER_DOMAIN = ".svc.cluster.local";
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+");

  /** Istio's default; no status code is tried again, as a 503 may come after the work was done. */
  static final RetryPolicy DEFAULT_RETRY =
      new RetryPolicy(
          List.of(
              "connect-failure",
              "refused-stream",
              "unavailable",
              "cancelled",
              "retriable-status-codes"),
          2,
          List.of());

  private static final int HTTP_PORT = 80;

  private Routes() {}

  static List<RouteConfiguration> of(OutboundInput input) {
    Map<Integer, List<Destination>> byPort = new TreeMap<>();
    List<RouteConfiguration> routes = new ArrayList<>();
    for (Destination destination : input.captured()) {
      for (ServicePort port : destination.service().ports()) {
        if (port.protocol().isHttp()) {
          byPort.computeIfAbsent(port.number(), n -> new ArrayList<>()).add(destination);
        } else if (port.protocol() == PortProtocol.UNSPECIFIED) {
          routes.add(sniffed(destination.service(), port.number()));
        }
      }
    }
    byPort.forEach((port, destinations) -> routes.add(ofPort(input, port, destinations)));
    routes.add(httpProxy(input));
    return routes;
  }

  /** A route to one cluster, without a time limit as Istio has none by default. */
  static Route toCluster(String cluster, Optional<RetryPolicy> retry) {
    return new Route(
        "default",
        new PathMatch.Prefix("/"),
        List.of(),
        new Action.Forward(cluster, Duration.ZERO, retry, Optional.empty()));
  }

  private static RouteConfiguration ofPort(
      OutboundInput input, int port, List<Destination> destinations) {
    Set<String> taken = new HashSet<>();
    List<VirtualHost> hosts = new ArrayList<>();
    for (Destination destination : destinations) {
      List<String> domains =
          domains(destination, input.namespace(), port).stream().filter(taken::add).toList();
      if (!domains.isEmpty()) {
        hosts.add(virtualHost(destination.service(), port, domains));
      }
    }
    hosts.add(everythingElse(input));
    return new RouteConfiguration(String.valueOf(port), hosts, true);
  }

  private static RouteConfiguration sniffed(MeshService service, int port) {
    return new RouteConfiguration(
        Names.sniffed(service.host(), port),
        List.of(virtualHost(service, port, List.of("*"))),
        true);
  }

  /** For programs that send their requests to the proxy themselves: host and port both count. */
  private static RouteConfiguration httpProxy(OutboundInput input) {
    Set<String> taken = new HashSet<>();
    List<VirtualHost> hosts = new ArrayList<>();
    for (Destination destination : input.captured()) {
      List<ServicePort> http =
          destination.service().ports().stream().filter(p -> carriesHttp(p.protocol())).toList();
      for (ServicePort port : http) {
        List<String> domains = new ArrayList<>();
        for (String name : domains(destination, input.namespace(), port.number())) {
          domains.add(name + ":" + port.number());
          if (port.number() == HTTP_PORT || http.size() == 1) {
            domains.add(name);
          }
        }
        domains.removeIf(domain -> !taken.add(domain));
        if (!domains.isEmpty()) {
          hosts.add(
              virtualHost(
                  destination.service(),
                  port.number(),
                  domains,
                  OutboundClusters.undialled(destination.service(), port)));
        }
      }
    }
    hosts.add(everythingElse(input));
    return new RouteConfiguration(Names.HTTP_PROXY, hosts, false);
  }

  private static boolean carriesHttp(PortProtocol protocol) {
    return protocol.isHttp() || protocol == PortProtocol.UNSPECIFIED;
  }

  private static List<String> domains(Destination destination, String namespace, int port) {
    MeshService service = destination.service();
    List<String> domains = new ArrayList<>(ServiceRegistry.spellings(service, namespace));
    List.copyOf(domains).stream()
        .filter(name -> isFull(name, service))
        .forEach(name -> domains.add(name + "."));
    if (service.isHeadless()) {
      List.copyOf(domains).forEach(name -> domains.add("*." + name));
      destination.identities(port).addresses().stream().map(Routes::host).forEach(domains::add);
    }
    service.addresses().stream()
        .filter(address -> address.indexOf('/') < 0)
        .map(Routes::host)
        .forEach(domains::add);
    return domains;
  }

  /** A full name may be written with the dot at its end that says so (RFC 1034 3.1). */
  private static boolean isFull(String name, MeshService service) {
    return name.endsWith(CLUSTER_DOMAIN)
        || (name.equals(service.host()) && !ADDRESS.matcher(name).matches());
  }

  /** As it is written in a URL: RFC 3986 3.2.2. */
  private static String host(String address) {
    return address.indexOf(':') < 0 ? address : "[" + address + "]";
  }

  private static VirtualHost virtualHost(MeshService service, int port, List<String> domains) {
    return virtualHost(service, port, domains, Names.outbound(port, "", service.host()));
  }

  private static VirtualHost virtualHost(
      MeshService service, int port, List<String> domains, String cluster) {
    return new VirtualHost(
        service.host() + ":" + port,
        domains,
        List.of(toCluster(cluster, Optional.of(DEFAULT_RETRY))));
  }

  /** Hosts outside of the registry, by {@code outboundTrafficPolicy}. */
  private static VirtualHost everythingElse(OutboundInput input) {
    if (input.others() == OutboundTrafficPolicy.REGISTRY_ONLY) {
      Route block =
          new Route("block_all", new PathMatch.Prefix("/"), List.of(), new Action.Respond(502, ""));
      return new VirtualHost("block_all", List.of("*"), List.of(block));
    }
    Route pass =
        new Route(
            "allow_any",
            new PathMatch.Prefix("/"),
            List.of(),
            new Action.Forward(
                Names.PASSTHROUGH_CLUSTER, Duration.ZERO, Optional.empty(), Optional.empty()));
    return new VirtualHost("allow_any", List.of("*"), List.of(pass));
  }
}
