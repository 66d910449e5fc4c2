package io.selvage.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.selvage.xds.XdsType;
import io.selvage.xds.parse.ParseProblem;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.XdsResource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An Envoy v3 bootstrap file in JSON whose resources are all static: what {@code envoy -c} takes.
 * Everything in it goes through the same strict parser as xDS.
 *
 * @param node {@code node.id}; empty when the file names none
 * @param admin where the admin endpoint listens
 * @param resources listeners, clusters and secrets
 */
public record StaticBootstrap(
    String node, Optional<InetSocketAddress> admin, List<XdsResource> resources) {
  private static final JsonFormat.Parser JSON =
      JsonFormat.parser()
          .usingTypeRegistry(
              TypeRegistry.newBuilder()
                  .add(
                      Stream.<Message>of(
                              DownstreamTlsContext.getDefaultInstance(),
                              ExtAuthz.getDefaultInstance(),
                              FileAccessLog.getDefaultInstance(),
                              HttpConnectionManager.getDefaultInstance(),
                              HttpProtocolOptions.getDefaultInstance(),
                              JwtAuthentication.getDefaultInstance(),
                              OriginalDst.getDefaultInstance(),
                              RawBuffer.getDefaultInstance(),
                              Router.getDefaultInstance(),
                              TcpProxy.getDefaultInstance(),
                              TlsInspector.getDefaultInstance(),
                              UpstreamTlsContext.getDefaultInstance(),
                              UriTemplateMatchConfig.getDefaultInstance(),
                              io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC
                                  .getDefaultInstance(),
                              io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC
                                  .getDefaultInstance())
                          .map(Message::getDescriptorForType)
                          .toList())
                  .build());

  /** A bootstrap that can't be used; the message says where and why. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * Reads a bootstrap.
   *
   * @throws IOException when it, or a file that it names, can't be read
   * @throws Refused when it isn't understood in every part
   */
  public static StaticBootstrap read(Path file) throws IOException, Refused {
    Bootstrap bootstrap;
    List<String> problems;
    try {
      // Through descriptors alone: merging into the generated class would have reflection load the
      // classes of all of Envoy's bootstrap, most of which are never used (15 MB of memory).
      DynamicMessage.Builder read = DynamicMessage.newBuilder(Bootstrap.getDescriptor());
      JSON.merge(Files.readString(file), read);
      DynamicMessage whole = read.build();
      problems = ResourceParser.notUnderstood(whole);
      bootstrap = Bootstrap.parseFrom(whole.toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new Refused(file + ": " + e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      throw new Refused(file + ": is no JSON that can be read: " + e);
    }
    if (bootstrap.hasDynamicResources()) {
      throw new Refused(file + ": dynamic_resources: only static resources are read from a file");
    }
    if (!problems.isEmpty()) {
      throw new Refused(file + ": " + ParseProblem.CODE + ": " + String.join("; ", problems));
    }
    Bootstrap.StaticResources fixed = bootstrap.getStaticResources();
    List<Any> secrets = new ArrayList<>();
    for (Secret secret : fixed.getSecretsList()) {
      secrets.add(Any.pack(withFiles(secret, file)));
    }
    List<XdsResource> resources = new ArrayList<>();
    resources.addAll(parsed(file, XdsType.CLUSTER, packed(fixed.getClustersList())));
    resources.addAll(parsed(file, XdsType.LISTENER, packed(fixed.getListenersList())));
    resources.addAll(parsed(file, XdsType.SECRET, secrets));
    refuseDiscovery(file, resources);
    return new StaticBootstrap(
        bootstrap.getNode().getId(), adminAddress(file, bootstrap), List.copyOf(resources));
  }

  private static Optional<InetSocketAddress> adminAddress(Path file, Bootstrap bootstrap)
      throws Refused {
    if (!bootstrap.hasAdmin()) {
      return Optional.empty();
    }
    SocketAddress address = bootstrap.getAdmin().getAddress().getSocketAddress();
    int port = address.getPortValue();
    if (address.getAddress().isEmpty() || port < 0 || port > 65535) {
      throw new Refused(file + ": admin.address: is no address and port");
    }
    return Optional.of(new InetSocketAddress(address.getAddress(), port));
  }

  /** There is nobody who could be asked. */
  private static void refuseDiscovery(Path file, List<XdsResource> resources) throws Refused {
    for (XdsResource resource : resources) {
      if (resource instanceof Listener listener && !listener.isWhole()) {
        throw new Refused(
            file + ": listener " + listener.name() + " has filters with config_discovery");
      }
    }
  }

  private static List<Any> packed(List<? extends Message> messages) {
    return messages.stream().map(Any::pack).toList();
  }

  private static Collection<XdsResource> parsed(Path file, XdsType type, List<Any> resources)
      throws Refused {
    ParseResult result = ResourceParser.parse(type, resources);
    List<ParseProblem> problems = result.problems();
    if (!problems.isEmpty()) {
      throw new Refused(file + ": " + ParseResult.describe(problems));
    }
    return result.good().values();
  }

  private static Secret withFiles(Secret secret, Path beside) throws IOException {
    Secret.Builder built = secret.toBuilder();
    if (built.hasTlsCertificate()) {
      built
          .getTlsCertificateBuilder()
          .setCertificateChain(content(secret.getTlsCertificate().getCertificateChain(), beside))
          .setPrivateKey(content(secret.getTlsCertificate().getPrivateKey(), beside));
    }
    if (built.hasValidationContext()) {
      built
          .getValidationContextBuilder()
          .setTrustedCa(content(secret.getValidationContext().getTrustedCa(), beside));
    }
    return built.build();
  }

  private static DataSource content(DataSource source, Path beside) throws IOException {
    if (!source.hasFilename()) {
      return source;
    }
    try {
      Path named = beside.resolveSibling(source.getFilename());
      return DataSource.newBuilder().setInlineString(Files.readString(named)).build();
    } catch (InvalidPathException e) {
      throw new IOException("no file can have the name of a data source: " + e.getReason(), e);
    }
  }
}
