package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.model.ExtensionProvider;
import io.selvage.model.MeshConfig;
import io.selvage.model.Service;
import io.selvage.policy.StringMatch;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.ExternalAuthorizer.Header;
import io.selvage.xds.resource.ExternalAuthorizer.Protocol;
import io.selvage.xds.resource.ExternalAuthorizer.RequestBody;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The mesh's extension providers, as the proxies of a namespace reach them. */
final class ExternalAuthorizers {
  private static final int FORBIDDEN = 403;

  private ExternalAuthorizers() {}

  /** Those that can be used and whose service is known; a CUSTOM policy on any other denies. */
  static List<ExternalAuthorizer> of(MeshConfig mesh, ServiceRegistry services, String namespace) {
    List<ExternalAuthorizer> reachable = new ArrayList<>();
    for (ExtensionProvider provider : mesh.extensionProviders()) {
      if (provider instanceof ExtensionProvider.Http http && http.hasBareWildcard()) {
        continue;
      }
      ExtensionProvider.ExternalService where = provider.service();
      find(services, where.host(), namespace)
          .flatMap(
              service ->
                  service.port(where.port()).map(port -> OutboundClusters.undialled(service, port)))
          .ifPresent(cluster -> reachable.add(authorizer(provider, cluster)));
    }
    return reachable;
  }

  /** {@code namespace/host}, or a host; a host without dots is of the client's namespace. */
  private static Optional<MeshService> find(
      ServiceRegistry services, String written, String namespace) {
    int slash = written.indexOf('/');
    String owner = slash < 0 ? namespace : written.substring(0, slash);
    String host = written.substring(slash + 1);
    Optional<MeshService> found = services.service(Service.fullHost(host, owner));
    return found
        .or(() -> services.service(host + ".cluster.local"))
        .or(() -> services.service(host + ".svc.cluster.local"))
        .filter(service -> slash < 0 || service.namespace().equals(owner))
        .filter(service -> service.isVisibleTo(namespace));
  }

  private static ExternalAuthorizer authorizer(ExtensionProvider provider, String cluster) {
    ExtensionProvider.ExternalService service = provider.service();
    return new ExternalAuthorizer(
        provider.name(),
        cluster,
        service.timeout(),
        service.failOpen(),
        service.statusOnError().orElse(FORBIDDEN),
        service
            .includeRequestBodyInCheck()
            .map(
                body ->
                    new RequestBody(
                        body.maxRequestBytes(), body.allowPartialMessage(), body.packAsBytes())),
        switch (provider) {
          case ExtensionProvider.Grpc grpc -> new Protocol.Grpc();
          case ExtensionProvider.Http http -> http(http);
        });
  }

  private static Protocol http(ExtensionProvider.Http http) {
    return new Protocol.Http(
        http.pathPrefix(),
        matches(http.includeRequestHeadersInCheck()),
        http.includeAdditionalHeadersInCheck().entrySet().stream()
            .map(header -> new Header(header.getKey(), header.getValue()))
            .toList(),
        matches(http.headersToUpstreamOnAllow()),
        matches(http.headersToDownstreamOnDeny()),
        matches(http.headersToDownstreamOnAllow()));
  }

  /** Header names as Istio writes them: exact, {@code prefix*} or {@code *suffix}. */
  private static List<StringMatch> matches(List<String> names) {
    return names.stream().map(ExternalAuthorizers::match).toList();
  }

  private static StringMatch match(String name) {
    if (name.startsWith("*")) {
      return new StringMatch.Suffix(name.substring(1), true);
    }
    return name.endsWith("*")
        ? new StringMatch.Prefix(name.substring(0, name.length() - 1), true)
        : new StringMatch.Exact(name, true);
  }
}
