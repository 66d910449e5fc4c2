package io.selvage.bench.cluster;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.selvage.bench.cluster.Sidecar.Pod;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Many sidecars in one process, on one thread, told what to do by lines of standard input and
 * telling what happened by lines of standard output, with the time in ns since 1970:
 *
 * <pre>
 * connect PORT KIND   -> listening TIME
 *                     -> again COUNT             when a stream ended and was begun anew
 *                     -> complete TIME BYTES     when all have all of their configuration
 * disconnect
 * expect URL,URL COUNT [NAMESPACE]
 *                     -> expecting
 *                     -> received TIME BYTES     when COUNT of them (of the namespace) got some
 *                                                resource of such a type, at the last one's time
 * </pre>
 */
public final class Sidecars implements Sidecar.Watcher {
  private static final String SERVER = "istiod.istio-system.svc";
  private static final int WINDOW = 1 << 20;
  private static final int MOST_AGAIN = 10_000;

  private final Path folder;
  private final boolean certificates;
  private final List<Pod> pods;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Sidecar> sidecars = new ArrayList<>();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ListenerNames listenerNames = new ListenerNames();
  private final AtomicLong bytes = new AtomicLong();
  private final Set<Sidecar> complete = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Expected expected;
  private volatile boolean closing;
  private volatile Sidecar.Kind kind = Sidecar.Kind.ENVOY;
  private int again;

  /** What is waited for. */
  private record Expected(Set<String> types, int count, String namespace, Set<Sidecar> got) {}

  private Sidecars(Path folder, boolean certificates, int count) throws IOException {
    this.folder = folder;
    this.certificates = certificates;
    this.pods =
        Files.readAllLines(folder.resolve("clients.tsv")).stream()
            .limit(count)
            .map(Pod::of)
            .toList();
  }

  /** Arguments: the cluster's folder, {@code token} or {@code certificate}, how many sidecars. */
  public static void main(String[] arguments) throws Exception {
    Sidecars all =
        new Sidecars(
            Path.of(arguments[0]),
            arguments[1].equals("certificate"),
            Integer.parseInt(arguments[2]));
    all.prepare();
    System.out.println("prepared");
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "connect" -> all.connect(Integer.parseInt(words[1]), Sidecar.Kind.valueOf(words[2]));
          case "expect" ->
              all.expect(
                  Set.of(words[1].split(",", -1)),
                  Integer.parseInt(words[2]),
                  words.length > 3 ? words[3] : "");
          case "disconnect" -> all.disconnect();
          default -> throw new IllegalArgumentException(line);
        }
      }
    }
    all.disconnect();
    var _ = all.loop.shutdownGracefully();
  }

  private final List<TlsChannelCredentials.Builder> credentials = new ArrayList<>();

  /** Makes what costs time and is none of the control plane's business. */
  private void prepare() throws Exception {
    String roots = Files.readString(folder.resolve("cacerts/root-cert.pem"));
    var random = new SecureRandom();
    var clock = InstantSource.system();
    var authority =
        new CertificateAuthority(
            CaCredentials.of(
                Pem.privateKey(Files.readString(folder.resolve("cacerts/ca-key.pem"))),
                Pem.certificates(roots),
                clock.instant()),
            new CaProfile.Istiod("cluster.local"),
            CertificateAuthority.Limits.DEFAULT,
            clock,
            random);
    for (Pod pod : pods) {
      var builder =
          TlsChannelCredentials.newBuilder()
              .trustManager(new ByteArrayInputStream(roots.getBytes(StandardCharsets.US_ASCII)));
      if (certificates) {
        WorkloadCertificate own =
            authority.issue(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload("cluster.local", pod.namespace(), pod.account()),
                Duration.ofHours(12));
        builder.keyManager(stream(own.chainPem()), stream(own.privateKeyPem()));
      }
      credentials.add(builder);
    }
  }

  private static ByteArrayInputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void connect(int port, Sidecar.Kind as) throws InterruptedException {
    kind = as;
    awaitListener(port);
    say("listening", now());
    for (int i = 0; i < pods.size(); i++) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                  credentials.get(i).build())
              .overrideAuthority(SERVER)
              .eventLoopGroup(loop)
              .channelType(NioSocketChannel.class)
              .directExecutor()
              .flowControlWindow(WINDOW)
              .maxInboundMessageSize(Integer.MAX_VALUE)
              .build();
      channels.add(channel);
      begin(i);
    }
  }

  private void begin(int i) {
    Sidecar fresh =
        Sidecar.start(channels.get(i), pods.get(i), kind, !certificates, listenerNames, this);
    synchronized (sidecars) {
      sidecars.add(fresh);
    }
  }

  /** As sidecars do that try again until there is somebody. */
  private static void awaitListener(int port) throws InterruptedException {
    while (true) {
      try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(5);
      }
    }
  }

  private void expect(Set<String> types, int count, String namespace) {
    bytes.set(0);
    expected = new Expected(types, count, namespace, ConcurrentHashMap.newKeySet());
    System.out.println("expecting");
  }

  @Override
  public void complete(Sidecar sidecar) {
    complete.add(sidecar);
    if (complete.size() == 1) {
      say("first", now());
    }
    if (complete.size() == pods.size()) {
      say("complete", now(), bytes.get());
    }
  }

  @Override
  public void received(Sidecar sidecar, Frame frame) {
    bytes.addAndGet(frame.bytes());
    Expected now = expected;
    if (now != null
        && now.types().contains(frame.type())
        && !frame.names().isEmpty()
        && (now.namespace().isEmpty() || now.namespace().equals(sidecar.pod().namespace()))
        && now.got().add(sidecar)
        && now.got().size() == now.count()) {
      say("received", now(), bytes.get());
      expected = null;
    }
  }

  @Override
  public void ended(Sidecar sidecar, Status status) {
    if (!closing) {
      System.err.println(sidecar.pod().name() + " begins anew: " + status);
      say("again", ++again);
      complete.remove(sidecar);
      if (again > MOST_AGAIN) {
        System.out.println("failed: too many streams end, the last with " + status.getCode());
      } else {
        begin(pods.indexOf(sidecar.pod()));
      }
    }
  }

  private static long now() {
    return ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
  }

  private static void say(String what, long... figures) {
    StringBuilder line = new StringBuilder(what);
    for (long figure : figures) {
      line.append(' ').append(figure);
    }
    System.out.println(line);
  }

  private void disconnect() throws InterruptedException {
    closing = true;
    synchronized (sidecars) {
      sidecars.forEach(Sidecar::close);
      sidecars.clear();
    }
    channels.forEach(ManagedChannel::shutdownNow);
    for (ManagedChannel channel : channels) {
      channel.awaitTermination(10, TimeUnit.SECONDS);
    }
    channels.clear();
    again = 0;
    complete.clear();
    bytes.set(0);
    System.gc();
    closing = false;
  }
}
