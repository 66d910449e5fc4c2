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

/**
 * A measurement, not a test: time from writing a policy file to the last of many connected clients
 * having acknowledged it, clients in the same process.
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
    Server server =
        AdsServer.shape(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .addService(plane.ads().service())
            .build()
            .start();
    List<ManagedChannel> channels = new ArrayList<>();
    List<AdsClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
      channels.add(channel);
      AdsClient client = new AdsClient(channel, "w" + i, "ns" + i % namespaces);
      client.subscribe(XdsType.CLUSTER).subscribe(XdsType.LISTENER);
      clients.add(client);
    }
    for (AdsClient client : clients) {
      client.await("virtualInbound", text -> true);
    }
    double[] millis = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      String name = "p" + round;
      long before = System.nanoTime();
      Files.writeString(
          folder.resolve("policy.yaml"), ControlPlaneTest.policy(name, "istio-system"));
      for (AdsClient client : clients) {
        client.await("virtualInbound", text -> text.contains("policy[" + name + "]"));
      }
      millis[round] = (System.nanoTime() - before) / 1e6;
    }
    System.out.println("ms to the last of " + count + ": " + Arrays.toString(millis));
    Arrays.sort(millis);
    System.out.println("median " + millis[rounds / 2] + ", worst " + millis[rounds - 1]);
    Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .forEach(System.out::println);
    clients.forEach(AdsClient::close);
    channels.forEach(ManagedChannel::shutdownNow);
    server.shutdownNow();
    plane.close();
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
