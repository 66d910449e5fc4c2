package io.selvage.it.pod;

import com.sun.net.httpserver.HttpServer;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.proxy.netns.NetworkNamespace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A Pod's network namespace and a neighbour's, joined by a wire with IPv4 and IPv6. Each listening
 * port says its name.
 */
final class PodNetwork implements AutoCloseable {
  static final String POD = "10.77.0.1";
  static final String POD6 = "fd77::1";
  static final String PEER = "10.77.0.2";
  static final String PEER6 = "fd77::2";

  private final Opened opened = new Opened();
  private final String pod = name("pod");
  private final String peer = name("peer");

  private static String name(String end) {
    return "selvage-it-%d-%s".formatted(ProcessHandle.current().pid(), end);
  }

  static PodNetwork start() throws Exception {
    PodNetwork network = new PodNetwork();
    try {
      network.build();
      return network;
    } catch (Throwable e) {
      network.close();
      throw e;
    }
  }

  private void build() throws Exception {
    for (String name : List.of(pod, peer)) {
      ip("netns", "add", name);
      opened.add(() -> ip("netns", "delete", name));
      ip("-n", name, "link", "set", "lo", "up");
    }
    ip("link", "add", "eth0", "netns", pod, "type", "veth", "peer", "name", "eth0", "netns", peer);
    address(pod, POD, POD6);
    address(peer, PEER, PEER6);
    for (int port : List.of(15001, 15006, 15020, 8080, 9090)) {
      listen(pod, port);
    }
    for (int port : List.of(80, 3306)) {
      listen(peer, port);
    }
  }

  private static void address(String in, String four, String six) {
    ip("-n", in, "address", "add", four + "/24", "dev", "eth0");
    ip("-n", in, "address", "add", six + "/64", "dev", "eth0", "nodad");
    ip("-n", in, "link", "set", "eth0", "up");
  }

  private void listen(String in, int port) throws Exception {
    String says = (in.equals(pod) ? "pod " : "peer ") + port;
    try (NetworkNamespace namespace = NetworkNamespace.open(Path.of("/run/netns", in))) {
      HttpServer server =
          namespace.call(
              () -> HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("::"), port), 0));
      server.createContext(
          "/",
          exchange -> {
            try (exchange) {
              byte[] body = says.getBytes(StandardCharsets.UTF_8);
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
            }
          });
      server.start();
      opened.add(() -> server.stop(0));
    }
  }

  private static void ip(String... arguments) {
    List<String> line = new ArrayList<>(List.of("ip"));
    line.addAll(Arrays.asList(arguments));
    Tool.run(Map.of(), line).well();
  }

  /** Puts rules in force in the Pod's namespace. */
  void rules(String nftables) {
    Tool.run(
            Map.of(),
            nftables.getBytes(StandardCharsets.UTF_8),
            List.of("ip", "netns", "exec", pod, "nft", "-f", "-"))
        .well();
  }

  /** The rules that are in force. */
  String rules() {
    return Tool.run(Map.of(), List.of("ip", "netns", "exec", pod, "nft", "list", "ruleset"))
        .well()
        .out();
  }

  /** Who answers a process of the Pod, with this user and group. */
  String asked(int user, int group, String url, String... more) {
    return curl(
        pod,
        List.of("setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups", "--"),
        url,
        more);
  }

  /** Who answers the neighbour. */
  String askedByPeer(String url) {
    return curl(peer, List.of(), url);
  }

  private static String curl(String in, List<String> as, String url, String... more) {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", in));
    line.addAll(as);
    line.addAll(List.of("curl", "-s", "-g", "-m", "5", "--noproxy", "*"));
    line.addAll(Arrays.asList(more));
    line.add(url);
    Tool.Ran ran = Tool.run(Map.of(), line);
    return ran.exit() == 0 ? ran.out() : "curl exit " + ran.exit();
  }

  /** As the init container does for IPv6. */
  void sourceOfIpVersionSix() {
    ip("-n", pod, "-6", "address", "replace", "::6/128", "dev", "lo");
  }

  @Override
  public void close() {
    opened.close();
  }
}
