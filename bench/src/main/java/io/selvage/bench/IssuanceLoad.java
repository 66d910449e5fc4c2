package io.selvage.bench;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.selvage.ca.CaMethods;
import io.selvage.ca.proto.istio.IstioCertificateRequest;
import io.selvage.ca.proto.istio.IstioCertificateResponse;
import io.selvage.pki.CertificateRequest;
import io.selvage.pki.KeyAlgorithm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A client of {@link IssuanceServer}: sends certificate requests that were made beforehand, each by
 * a key of its own, with a client certificate, a bounded number under way. Prints issuances per
 * second of each second.
 */
public final class IssuanceLoad {
  static final String SERVER_NAME = "istiod.istio-system.svc";
  private static final int REQUESTS = 512;
  private static final int CONNECTIONS = 4;
  private static final int UNDER_WAY = 64;

  private IssuanceLoad() {}

  /**
   * Arguments: the server's folder, its port, how many seconds, and, where tokens shall be shown
   * instead of the client certificate, a file with one a line.
   */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    int seconds = Integer.parseInt(arguments[2]);
    List<String> requests = requests();
    TlsChannelCredentials.Builder credentials =
        TlsChannelCredentials.newBuilder().trustManager(folder.resolve("root.pem").toFile());
    List<CallOptions> callers = new ArrayList<>();
    if (arguments.length > 3) {
      Files.readAllLines(Path.of(arguments[3]))
          .forEach(
              token -> callers.add(CallOptions.DEFAULT.withCallCredentials(new Bearer(token))));
    } else {
      credentials.keyManager(
          folder.resolve("client.pem").toFile(), folder.resolve("client.key").toFile());
      callers.add(CallOptions.DEFAULT);
    }
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      channels.add(
          NettyChannelBuilder.forAddress(
                  "127.0.0.1", Integer.parseInt(arguments[1]), credentials.build())
              .overrideAuthority(SERVER_NAME)
              .build());
    }
    try {
      run(channels, callers, requests, seconds);
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  private static List<String> requests() throws Exception {
    SecureRandom random = new SecureRandom();
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      KeyPair key = KeyAlgorithm.DEFAULT.generate(random);
      requests.add(CertificateRequest.create(key).pem());
    }
    return requests;
  }

  /** Shows a token. */
  private static final class Bearer extends CallCredentials {
    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private final Metadata headers = new Metadata();

    Bearer(String token) {
      headers.put(AUTHORIZATION, "Bearer " + token);
    }

    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
      applier.apply(headers);
    }
  }

  private static void run(
      List<ManagedChannel> channels, List<CallOptions> callers, List<String> requests, int seconds)
      throws InterruptedException {
    Semaphore slots = new Semaphore(UNDER_WAY);
    AtomicLong done = new AtomicLong();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    long start = System.nanoTime();
    long shown = 0;
    long next = start + 1_000_000_000L;
    for (long sent = 0; System.nanoTime() - start < seconds * 1_000_000_000L; sent++) {
      slots.acquire();
      Throwable broken = failure.get();
      if (broken != null) {
        throw new IllegalStateException("an issuance failed", broken);
      }
      IstioCertificateRequest request =
          IstioCertificateRequest.newBuilder()
              .setCsr(requests.get((int) (sent % REQUESTS)))
              .setValidityDuration(3600)
              .build();
      Futures.addCallback(
          ClientCalls.futureUnaryCall(
              channels
                  .get((int) (sent % CONNECTIONS))
                  .newCall(CaMethods.ISTIO, callers.get((int) (sent % callers.size()))),
              request),
          new Count(slots, done, failure),
          MoreExecutors.directExecutor());
      if (System.nanoTime() >= next) {
        long now = done.get();
        System.out.println("issued " + (now - shown));
        shown = now;
        next += 1_000_000_000L;
      }
    }
    slots.acquire(UNDER_WAY);
  }

  private record Count(
      Semaphore slots, AtomicLong done, AtomicReference<@Nullable Throwable> failure)
      implements FutureCallback<IstioCertificateResponse> {
    @Override
    public void onSuccess(IstioCertificateResponse answer) {
      done.incrementAndGet();
      slots.release();
    }

    @Override
    public void onFailure(Throwable cause) {
      failure.set(cause);
      slots.release();
    }
  }
}
