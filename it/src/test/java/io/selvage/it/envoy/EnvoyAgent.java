package io.selvage.it.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.stub.StreamObserver;
import io.selvage.it.stage.RunningMesh;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.proxy.netns.NetworkNamespace;
import io.selvage.xds.XdsType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What stands beside an Envoy in its workload's network, as Istio's agent does: it passes ADS on to
 * the control plane, unchanged, and answers for the secret {@code default} itself, since a key is
 * nothing that a control plane has.
 */
final class EnvoyAgent implements AutoCloseable {
  /** Of the nonces of its own answers, which are not for the control plane. */
  private static final String OWN = "agent-";

  private final ManagedChannel control;
  private final WorkloadCertificate certificate;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server server;

  /** Every refusal that Envoy answered with. */
  final Queue<String> refusals = new ConcurrentLinkedQueue<>();

  /** The types whose resources Envoy has accepted. */
  final Queue<String> accepted = new ConcurrentLinkedQueue<>();

  /**
   * Listens on 127.0.0.1 of {@code namespace}.
   *
   * @param control a channel that proves the workload's identity; closed with the agent
   */
  EnvoyAgent(
      NetworkNamespace namespace, int port, ManagedChannel control, WorkloadCertificate certificate)
      throws IOException {
    this.control = control;
    this.certificate = certificate;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(RunningMesh.loopback(), port))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelFactory(() -> listening(namespace))
            .addService(new Relay())
            .build()
            .start();
  }

  private static NioServerSocketChannel listening(NetworkNamespace namespace) {
    try {
      return namespace.call(NioServerSocketChannel::new);
    } catch (Exception e) {
      throw new IllegalStateException("cannot listen in " + namespace, e);
    }
  }

  private Any identity() {
    return Any.pack(
        Secret.newBuilder()
            .setName("default")
            .setTlsCertificate(
                TlsCertificate.newBuilder()
                    .setCertificateChain(inline(certificate.chainPem()))
                    .setPrivateKey(inline(certificate.privateKeyPem())))
            .build());
  }

  private static DataSource inline(String text) {
    return DataSource.newBuilder().setInlineString(text).build();
  }

  private void heard(String type, String nonce, boolean refused, String why) {
    if (refused) {
      refusals.add(type + ": " + why);
    } else if (!nonce.isEmpty()) {
      accepted.add(type.substring(type.lastIndexOf('.') + 1));
    }
  }

  @Override
  public void close() throws IOException {
    server.shutdownNow();
    control.shutdownNow();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private final class Relay extends AggregatedDiscoveryServiceImplBase {
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
        StreamObserver<DeltaDiscoveryResponse> toEnvoy) {
      var out = new Turns<>(toEnvoy);
      var in =
          new Turns<>(
              AggregatedDiscoveryServiceGrpc.newStub(control).deltaAggregatedResources(out));
      return new Requests<>(in) {
        @Override
        public void onNext(DeltaDiscoveryRequest request) {
          heard(
              request.getTypeUrl(),
              request.getResponseNonce(),
              request.hasErrorDetail(),
              request.getErrorDetail().getMessage());
          boolean own = request.getResponseNonce().startsWith(OWN);
          var rest =
              request.getResourceNamesSubscribeList().stream()
                  .filter(name -> !name.equals("default"))
                  .toList();
          if (rest.size() < request.getResourceNamesSubscribeCount()) {
            out.onNext(
                DeltaDiscoveryResponse.newBuilder()
                    .setTypeUrl(XdsType.SECRET.url())
                    .setNonce(OWN + "1")
                    .addResources(
                        Resource.newBuilder()
                            .setName("default")
                            .setVersion("1")
                            .setResource(identity()))
                    .build());
            if (rest.isEmpty()) {
              return;
            }
          } else if (own && rest.isEmpty()) {
            return;
          }
          in.onNext(
              request.toBuilder()
                  .setResponseNonce(own ? "" : request.getResponseNonce())
                  .clearResourceNamesSubscribe()
                  .addAllResourceNamesSubscribe(rest)
                  .build());
        }
      };
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(
        StreamObserver<DiscoveryResponse> toEnvoy) {
      var out = new Turns<>(toEnvoy);
      var last = new AtomicReference<>(DiscoveryResponse.getDefaultInstance());
      var in =
          new Turns<>(
              AggregatedDiscoveryServiceGrpc.newStub(control)
                  .streamAggregatedResources(
                      new Turns<DiscoveryResponse>(toEnvoy) {
                        @Override
                        public synchronized void onNext(DiscoveryResponse response) {
                          if (response.getTypeUrl().equals(XdsType.SECRET.url())) {
                            last.set(response);
                          }
                          out.onNext(response);
                        }
                      }));
      return new Requests<>(in) {
        private boolean answered;

        @Override
        public void onNext(DiscoveryRequest request) {
          heard(
              request.getTypeUrl(),
              request.getResponseNonce(),
              request.hasErrorDetail(),
              request.getErrorDetail().getMessage());
          if (!request.getTypeUrl().equals(XdsType.SECRET.url())) {
            in.onNext(request);
            return;
          }
          if (request.getResourceNamesList().contains("default") && !answered) {
            answered = true;
            out.onNext(
                DiscoveryResponse.newBuilder()
                    .setTypeUrl(XdsType.SECRET.url())
                    .setNonce(OWN + "1")
                    .setVersionInfo("agent")
                    .addResources(identity())
                    .build());
          }
          var rest =
              request.getResourceNamesList().stream()
                  .filter(name -> !name.equals("default"))
                  .toList();
          if (!rest.isEmpty()) {
            var forward = request.toBuilder().clearResourceNames().addAllResourceNames(rest);
            if (request.getResponseNonce().startsWith(OWN)) {
              forward
                  .setResponseNonce(last.get().getNonce())
                  .setVersionInfo(last.get().getVersionInfo());
            }
            in.onNext(forward.build());
          }
        }
      };
    }
  }

  /** Takes turns between the two threads that send on one stream. */
  private static class Turns<T> implements StreamObserver<T> {
    private final StreamObserver<T> to;

    Turns(StreamObserver<T> to) {
      this.to = to;
    }

    @Override
    public synchronized void onNext(T message) {
      to.onNext(message);
    }

    @Override
    public synchronized void onError(Throwable cause) {
      to.onError(cause);
    }

    @Override
    public synchronized void onCompleted() {
      to.onCompleted();
    }
  }

  /** Requests that are passed on; ends are. */
  private abstract static class Requests<T> implements StreamObserver<T> {
    private final StreamObserver<T> to;

    Requests(StreamObserver<T> to) {
      this.to = to;
    }

    @Override
    public void onError(Throwable cause) {
      to.onError(cause);
    }

    @Override
    public void onCompleted() {
      to.onCompleted();
    }
  }
}
