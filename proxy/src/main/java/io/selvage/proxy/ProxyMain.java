package io.selvage.proxy;

import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One proxy in a process of its own, with a fixed configuration: what the benchmarks run.
 *
 * <p>Arguments: {@code server|client LISTEN-PORT UPSTREAM-PORT CHAIN.pem KEY.pem ROOTS.pem
 * epoll|io_uring LOOPS}. The server takes mutual TLS and forwards plaintext, the client the
 * reverse.
 */
public final class ProxyMain {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyMain.class);
  private static final int ARGUMENTS = 8;

  private ProxyMain() {}

  /** Runs until the process is told to end. */
  public static void main(String[] args) throws IOException, PkiException, InterruptedException {
    if (args.length != ARGUMENTS) {
      LOG.error("arguments: server|client LISTEN UPSTREAM CHAIN KEY ROOTS epoll|io_uring LOOPS");
      return;
    }
    Transport transport = args[6].equals("io_uring") ? Transport.IO_URING : Transport.EPOLL;
    ProxyEngine engine =
        new ProxyEngine(
            new ProxyEngine.Settings(transport, Integer.parseInt(args[7]), InstantSource.system()));
    boolean server = args[0].equals("server");
    int listen = Integer.parseInt(args[1]);
    WorkloadCertificate certificate =
        WorkloadCertificate.parse(
            Files.readString(Path.of(args[3])), Files.readString(Path.of(args[4])));
    TrustBundle roots = TrustBundle.parse(Files.readString(Path.of(args[5])));
    WorkloadProxy proxy = engine.add(spec(certificate, listen));
    proxy
        .keyMaterial()
        .putAll(
            List.of(
                new Secret.Certificate(TlsSettings.WORKLOAD_CERTIFICATE, certificate),
                new Secret.Validation(TlsSettings.TRUST_BUNDLE, roots)));
    StaticConfig config = new StaticConfig(listen, Integer.parseInt(args[2]));
    proxy.apply(server ? config.server() : config.client());
    yieldCompilers(engine);
    LOG.info("{} listens on 127.0.0.1:{} over {}", args[0], listen, transport);
    new CountDownLatch(1).await();
  }

  private static WorkloadSpec spec(WorkloadCertificate certificate, int listen) {
    return WorkloadSpec.local(
        "static/" + certificate.spiffeId().path(),
        Workload.ofPrincipal(certificate.spiffeId().toString()),
        List.of(
            new WorkloadSpec.Binding(
                StaticConfig.LISTENER,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), listen),
                Optional.empty())));
  }

  /** The JIT starts and ends threads as it likes, so it is told again and again. */
  private static void yieldCompilers(ProxyEngine engine) {
    var _ =
        engine
            .loops()
            .group()
            .scheduleAtFixedRate(CompilerThreads::yieldToEventLoops, 0, 5, TimeUnit.SECONDS);
  }
}
