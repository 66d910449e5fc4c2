package io.selvage.ca.client;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.selvage.ca.CaMethods;
import io.selvage.ca.proto.istio.IstioCertificateRequest;
import io.selvage.ca.proto.istio.IstioCertificateResponse;
import io.selvage.pki.CertificateRequest;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Asks an authority for a certificate by Istio's CA API: a new key, a request, a chain that is
 * checked before anybody uses it. The key never leaves this process. Each try has its own channel,
 * so that a renewal never hangs on a connection to an authority that moved.
 */
public final class CertificateClient implements CertificateSource {
  private final Settings settings;
  private final Supplier<TrustBundle> trust;
  private final Supplier<Optional<String>> token;
  private final Pause pause;
  private final InstantSource clock;
  private final SecureRandom random;

  /** Waiting, so that a test need not. */
  @FunctionalInterface
  public interface Pause {
    void pause(Duration duration) throws InterruptedException;
  }

  /**
   * What a client is told.
   *
   * @param host of the authority
   * @param port of the authority
   * @param serverName the DNS name that its serving certificate must have
   * @param algorithm of the keys that are made
   * @param ttl asked for; zero for the authority's default
   * @param timeout of one try
   * @param clusterId sent along
   * @param retries of one request
   */
  public record Settings(
      String host,
      int port,
      String serverName,
      KeyAlgorithm algorithm,
      Duration ttl,
      Duration timeout,
      String clusterId,
      RetryPolicy retries) {
    public static Settings of(String host, int port, String serverName, String clusterId) {
      return new Settings(
          host,
          port,
          serverName,
          KeyAlgorithm.DEFAULT,
          Duration.ZERO,
          Duration.ofSeconds(10),
          clusterId,
          RetryPolicy.DEFAULT);
    }

    /** The same with another lifetime to ask for. */
    public Settings withTtl(Duration wanted) {
      return new Settings(host, port, serverName, algorithm, wanted, timeout, clusterId, retries);
    }
  }

  /**
   * @param trust the roots by which the authority itself is known
   * @param token asked for at each try, since projected tokens are replaced; empty lets the current
   *     certificate speak
   */
  public CertificateClient(
      Settings settings,
      Supplier<TrustBundle> trust,
      Supplier<Optional<String>> token,
      Pause pause,
      InstantSource clock,
      SecureRandom random) {
    this.settings = settings;
    this.trust = trust;
    this.token = token;
    this.pause = pause;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public IssuedCertificate request(Optional<WorkloadCertificate> current)
      throws CertificateRequestFailed, InterruptedException {
    KeyPair keys = settings.algorithm().generate(random);
    for (int tries = 1; ; tries++) {
      try {
        return ReceivedChain.checked(
            keys.getPrivate(), call(csr(keys), current).getCertChainList(), clock);
      } catch (StatusRuntimeException e) {
        if (!settings.retries().repeats(e.getStatus().getCode(), tries)) {
          throw failure(e, tries);
        }
        pause.pause(settings.retries().delay(tries, random));
      }
    }
  }

  private IstioCertificateResponse call(String csr, Optional<WorkloadCertificate> current)
      throws CertificateRequestFailed {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(settings.host(), settings.port(), credentials(current))
            .overrideAuthority(settings.serverName() + ":" + settings.port())
            .build();
    try {
      IstioCertificateRequest request =
          IstioCertificateRequest.newBuilder()
              .setCsr(csr)
              .setValidityDuration(settings.ttl().toSeconds())
              .build();
      return ClientCalls.blockingUnaryCall(
          io.grpc.ClientInterceptors.intercept(
              channel, MetadataUtils.newAttachHeadersInterceptor(headers())),
          CaMethods.ISTIO,
          CallOptions.DEFAULT.withDeadlineAfter(
              settings.timeout().toMillis(), TimeUnit.MILLISECONDS),
          request);
    } finally {
      channel.shutdownNow();
    }
  }

  private ChannelCredentials credentials(Optional<WorkloadCertificate> current)
      throws CertificateRequestFailed {
    try {
      return WorkloadCredentials.of(
          trust.get(), current.filter(held -> clock.instant().isBefore(held.notAfter())));
    } catch (IllegalArgumentException e) {
      throw new CertificateRequestFailed(
          Status.Code.FAILED_PRECONDITION,
          "the roots or the current certificate cannot be used",
          e);
    }
  }

  private Metadata headers() {
    Metadata headers = new Metadata();
    headers.put(CaMethods.CLUSTER_ID, settings.clusterId());
    token.get().ifPresent(text -> headers.put(CaMethods.AUTHORIZATION, "Bearer " + text));
    return headers;
  }

  private CertificateRequestFailed failure(StatusRuntimeException e, int tries) {
    String reason = e.getStatus().getDescription();
    Throwable below = e.getCause();
    return new CertificateRequestFailed(
        e.getStatus().getCode(),
        "the CA at "
            + settings.host()
            + ":"
            + settings.port()
            + " gave no certificate ("
            + e.getStatus().getCode()
            + " after "
            + tries
            + (tries == 1 ? " try): " : " tries): ")
            + (reason == null ? "no reason given" : reason)
            + (below == null ? "" : "; " + below.getMessage()),
        e);
  }

  private static String csr(KeyPair keys) throws CertificateRequestFailed {
    try {
      return CertificateRequest.create(keys).pem();
    } catch (PkiException e) {
      throw new CertificateRequestFailed(
          Status.Code.INTERNAL, "cannot make a certificate request: " + e.getMessage(), e);
    }
  }
}
