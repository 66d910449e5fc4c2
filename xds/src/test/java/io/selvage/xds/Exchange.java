package io.selvage.xds;

import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.selvage.xds.client.AdsClient;
import io.selvage.xds.client.ConfigListener;
import io.selvage.xds.client.NodeDescription;
import io.selvage.xds.resource.XdsResource;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.NodeAuthenticator;
import io.selvage.xds.server.NodeSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A control plane and its clients in this process; each call returns when all is said. */
public final class Exchange implements AutoCloseable {
  public final ManualScheduler scheduler = new ManualScheduler();
  private final String name = UUID.randomUUID().toString();
  private final Map<String, EncodedResource> resources = new LinkedHashMap<>();
  private final List<AdsClient> clients = new ArrayList<>();
  private volatile NodeSnapshot snapshot = NodeSnapshot.EMPTY;
  private AdsServer ads;
  private @Nullable Server server;

  public Exchange() {
    this(NodeAuthenticator.trusting(), new AdsServer.Options(true, 2000));
  }

  public Exchange(NodeAuthenticator authenticator, AdsServer.Options options) {
    ads = newAds(authenticator, options);
    startServer();
  }

  private AdsServer newAds(NodeAuthenticator authenticator, AdsServer.Options options) {
    return new AdsServer(
        _ -> snapshot, authenticator, InstantSource.fixed(Sidecar.NOW), Runnable::run, options);
  }

  public String name() {
    return name;
  }

  public AdsServer ads() {
    return ads;
  }

  public void startServer() {
    try {
      server =
          InProcessServerBuilder.forName(name)
              .directExecutor()
              .addService(ads.service())
              .addService(ads.clientStatusService())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void stopServer() {
    if (server != null) {
      server.shutdownNow();
    }
  }

  /** Another control plane at the same place, which knows no client. */
  public void replaceServer() {
    ads = newAds(NodeAuthenticator.trusting(), new AdsServer.Options(true, 2000));
    startServer();
  }

  /** Adds or replaces, and pushes. */
  public void give(Collection<? extends XdsResource> more) {
    more.forEach(resource -> give(EncodedResource.of(resource)));
    push();
  }

  public void give(XdsResource resource) {
    give(List.of(resource));
  }

  /** Adds or replaces without a push. */
  public void give(EncodedResource resource) {
    resources.put(resource.type() + resource.name(), resource);
  }

  public void take(XdsType type, String resource) {
    forget(type, resource);
    push();
  }

  /** Takes away without a push. */
  public void forget(XdsType type, String resource) {
    resources.remove(type + resource);
  }

  public void push() {
    snapshot = NodeSnapshot.of(resources.values());
    ads.push();
  }

  public AdsClient client(boolean delta, ConfigListener listener) {
    return client(Sidecar.NODE_ID, delta, listener);
  }

  public AdsClient client(String id, boolean delta, ConfigListener listener) {
    AdsClient client =
        new AdsClient(
            new NodeDescription(id, "httpbin.sample", Map.of("CLUSTER_ID", "east")),
            new AdsClient.Connection(
                () -> InProcessChannelBuilder.forName(name).directExecutor().build(),
                io.grpc.Metadata::new,
                delta),
            scheduler,
            InstantSource.fixed(Sidecar.NOW),
            new Random(1),
            listener);
    clients.add(client);
    client.start();
    return client;
  }

  @Override
  public void close() {
    clients.forEach(AdsClient::close);
    stopServer();
  }
}
