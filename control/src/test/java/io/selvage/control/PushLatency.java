package io.selvage.control;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.source.FolderSource;
import io.selvage.control.trust.FreshRoot;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.control.workload.Workloads;
import io.selvage.xds.XdsType;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.NodeAuthenticator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A measurement, not a test: time from writing a policy file to the last of many connected clients
 * having been sent it. The clients are a process of their own, so the memory is the control
 * plane's.
 */
final class PushLatency {
  private PushLatency() {}

  /**
   * Prints the times of each round in ms.
   *
   * @param args clients (1000), rounds (20), namespaces (10)
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    int namespaces = args.length > 2 ? Integer.parseInt(args[2]) : 10;
    Path folder = Files.createTempDirectory("selvage-push");
    Workloads workloads = new Workloads("east");
    for (int i = 0; i < count; i++) {
      workloads.put(workload(i, "ns" + i % namespaces));
    }
    for (int i = 0; i < namespaces; i++) {
      Files.writeString(folder.resolve("s" + i + ".yaml"), services("ns" + i));
    }
    ControlPlane plane =
        ControlPlane.start(
            new ControlPlane.Parts(
                new FolderSource(List.of(folder), f -> true, InstantSource.system()),
                workloads,
                FreshRoot.bundle(),
                NodeAuthenticator.trusting(),
                new AdsServer.Options(true, 10_000),
                new IstioPolicies(),
                (address, timeout) -> {
                  throw new IOException("no network");
                },
                InstantSource.system(),
                2));
    // A thread for each client that connects at once would be the most of the memory.
    ExecutorService calls = Executors.newFixedThreadPool(4);
    Server server =
        AdsServer.shape(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .executor(calls)
            .addService(plane.ads().service())
            .build()
            .start();
    System.out.println("listening");
    Process clients =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Clients.class.getName(),
                String.valueOf(server.getPort()),
                folder.toString(),
                String.valueOf(count),
                String.valueOf(rounds),
                String.valueOf(namespaces))
            .inheritIO()
            .start();
    System.out.println("clients ended with " + clients.waitFor());
    Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .forEach(System.out::println);
    server.shutdownNow();
    calls.shutdownNow();
    plane.close();
  }

  /** The other process: connects, writes a policy, waits until every client was sent it. */
  static final class Clients {
    private Clients() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      int port = Integer.parseInt(args[0]);
      Path folder = Path.of(args[1]);
      int count = Integer.parseInt(args[2]);
      int rounds = Integer.parseInt(args[3]);
      int namespaces = Integer.parseInt(args[4]);
      List<ManagedChannel> channels = new ArrayList<>();
      List<AdsClient> clients = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ManagedChannel channel =
            NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        channels.add(channel);
        AdsClient client = new AdsClient(channel, "w" + i, "ns" + i % namespaces);
        clients.add(client.subscribe(XdsType.LISTENER));
      }
      for (AdsClient client : clients) {
        client.next();
      }
      double[] millis = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        long before = System.nanoTime();
        Files.writeString(
            folder.resolve("policy.yaml"), ControlPlaneTest.policy("p" + round, "istio-system"));
        for (AdsClient client : clients) {
          client.next();
        }
        millis[round] = (System.nanoTime() - before) / 1e6;
      }
      System.out.println("ms to the last of " + count + ": " + Arrays.toString(millis));
      Arrays.sort(millis);
      System.out.println("median " + millis[rounds / 2] + ", worst " + millis[rounds - 1]);
      clients.forEach(AdsClient::close);
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  private static WorkloadInstance workload(int i, String namespace) {
    return new WorkloadInstance(
        "w" + i,
        namespace,
        "w" + i,
        Map.of("app", "app" + i % 10, "name", "w" + i),
        "10.%d.%d.%d".formatted(80, i >> 8, i & 0xff),
        Map.of(),
        Map.of(),
        "east",
        "",
        1,
        true);
  }

  private static String services(String namespace) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      text.append(
          """
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: app%d, namespace: %s}
          spec: {selector: {app: app%d}, ports: [{name: http, port: 8000, targetPort: 80}]}
          """
              .formatted(i, namespace, i));
    }
    return text.toString();
  }
}
