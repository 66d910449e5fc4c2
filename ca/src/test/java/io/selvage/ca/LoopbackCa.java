package io.selvage.ca;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.selvage.ca.auth.AuthenticatorChain;
import io.selvage.ca.auth.ClientCertificateAuthenticator;
import io.selvage.ca.auth.XfccAuthenticator;
import io.selvage.ca.roots.CaState;
import io.selvage.ca.roots.CaStore;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A whole authority on a free port of this machine, with all authenticators but OIDC. */
public final class LoopbackCa implements AutoCloseable {
  public static final String SERVER_NAME = "istiod.istio-system.svc";
  public static final SpiffeId GATEWAY = SpiffeId.workload("cluster.local", "edge", "gateway");

  /** TLS checks certificates by the machine's clock, so this authority's clock starts there. */
  public final MovableClock clock =
      new MovableClock(Instant.ofEpochSecond(InstantSource.system().instant().getEpochSecond()));

  public final SecureRandom random = new SecureRandom();
  public final CertificateAuthorityService authority;
  public final CertificateIssuance issuance;
  private final CaServer server;

  public LoopbackCa() throws Exception {
    this.authority =
        CertificateAuthorityService.open(
            CertificateAuthorityService.Settings.of(
                new CaProfile.Istiod("cluster.local"), "cluster.local"),
            new MemoryStore(),
            clock,
            random);
    this.issuance =
        new CertificateIssuance(
            new AuthenticatorChain(
                List.of(
                    new XfccAuthenticator(Set.of(GATEWAY), () -> authority.signing().verifier()),
                    new ClientCertificateAuthenticator(() -> authority.signing().verifier()),
                    authority.joinTokens().authenticator())),
            authority::signing);
    WorkloadCertificate serving =
        authority
            .signing()
            .authority()
            .issueServing(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload("cluster.local", "istio-system", "istiod"),
                List.of(SERVER_NAME),
                Duration.ofDays(1));
    this.server =
        CaServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> serving,
            authority::signing,
            List.of(
                new IstioCertificateService(issuance),
                new MeshCertificateService(issuance, clock)));
  }

  public int port() {
    return server.port();
  }

  /** One call as a client of that certificate and with that metadata. */
  public <Q, A> A call(
      MethodDescriptor<Q, A> method,
      Q request,
      Metadata headers,
      @Nullable WorkloadCertificate clientCertificate)
      throws Exception {
    ManagedChannel channel = channel(clientCertificate);
    try {
      return call(channel, method, request, headers);
    } finally {
      channel.shutdownNow();
      channel.awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  /** One call over a channel that stays open. */
  public static <Q, A> A call(
      ManagedChannel channel, MethodDescriptor<Q, A> method, Q request, Metadata headers) {
    return ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
        method,
        CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
        request);
  }

  /** A channel of a client with that certificate, which the caller shuts down. */
  public ManagedChannel channel(@Nullable WorkloadCertificate clientCertificate) throws Exception {
    TlsChannelCredentials.Builder credentials =
        TlsChannelCredentials.newBuilder().trustManager(authority.bundle().hostTrustManager());
    if (clientCertificate != null) {
      credentials.keyManager(
          stream(clientCertificate.chainPem()), stream(clientCertificate.privateKeyPem()));
    }
    return NettyChannelBuilder.forAddress(
            InetAddress.getLoopbackAddress().getHostAddress(), port(), credentials.build())
        .overrideAuthority(SERVER_NAME)
        .build();
  }

  public TrustBundle bundle() {
    return authority.bundle();
  }

  public WorkloadCertificate certificateOf(SpiffeId id) throws Exception {
    return authority.signing().authority().issue(KeyAlgorithm.DEFAULT, id, Duration.ofHours(1));
  }

  @Override
  public void close() {
    server.close();
  }

  private static ByteArrayInputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }

  /** A store that lives as long as its test. */
  public static final class MemoryStore implements CaStore {
    private Optional<CaState> state = Optional.empty();

    @Override
    public Optional<CaState> load() {
      return state;
    }

    @Override
    public void save(CaState saved) {
      state = Optional.of(saved);
    }
  }
}
