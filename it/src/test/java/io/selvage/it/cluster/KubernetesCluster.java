package io.selvage.it.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A Kubernetes cluster of one real node in a network namespace of its own: etcd, API server,
 * controllers, scheduler, containerd, kubelet, kube-proxy, DNS. {@code it/peers/cluster/cluster}
 * says how; each has a name of its own, and nothing of it stays: not after {@link #close}, nor when
 * the tests are interrupted, and what a killed run left goes when the next begins.
 */
public final class KubernetesCluster implements AutoCloseable {
  /** What can be stopped and started. */
  public enum Part {
    APISERVER,
    ETCD,
    CONTROLLER,
    SCHEDULER,
    KUBELET;

    private String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static final Path SCRIPT =
      Path.of("..", "it", "peers", "cluster", "cluster").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final String name;
  private final String context;
  private final Thread atExit = new Thread(this::end, "end of a cluster");
  private final Path kubeconfig;
  private final String node;

  private KubernetesCluster(String context, String... more) {
    this.context = context;
    this.name = MeshName.of("k") + "--" + context;
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      var line = new ArrayList<>(List.of("up", name, Long.toString(ProcessHandle.current().pid())));
      line.addAll(List.of(more));
      this.kubeconfig = Path.of(script(line.toArray(String[]::new)).strip());
      this.node = address();
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /** Starts one and waits until its node and its DNS are ready, which takes some 6 s. */
  public static KubernetesCluster start(String context) {
    return new KubernetesCluster(context);
  }

  /** The same with IPv6 alone: no node, Pod or Service has an IPv4 address. */
  public static KubernetesCluster startWithIpVersionSix(String context) {
    return new KubernetesCluster(context, "6");
  }

  private String address() {
    String server =
        kubectl().run("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}").out();
    return java.net.URI.create(server).getHost().replaceAll("[\\[\\]]", "");
  }

  /** Of its kubeconfig, and its node's name. */
  public String context() {
    return context;
  }

  /** With one context, whose user may do everything; good on this machine and in the cluster. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  /** The node's address, the API server's too (port 6443): from here and from a joined cluster. */
  public String node() {
    return node;
  }

  /** This machine's address, as seen from the node. */
  public String host() {
    return node.substring(0, node.lastIndexOf('.')) + ".254";
  }

  /** A user's {@code kubectl}. */
  public Kubectl kubectl() {
    return new Kubectl(kubeconfig, context);
  }

  /** Gives its node the image of an archive. */
  public void load(Path archive) {
    script("load", name, archive.toString());
  }

  /** Does for a Service of type LoadBalancer what a cloud does: the node's address is its own. */
  public void assignLoadBalancer(String namespace, String service) {
    String status =
        "{\"status\": {\"loadBalancer\": {\"ingress\": [{\"ip\": \"%s\"}]}}}".formatted(node);
    kubectl()
        .run("patch", "service", service, "-n", namespace, "--subresource=status", "-p", status)
        .well();
  }

  /** Who is told that a connection is over: the Pod that is barred, or the other. */
  public enum Barred {
    /** What the Pod says is answered with a reset. */
    SAYS,
    /** What it should hear is. */
    HEARS
  }

  /** Lets nothing pass from the Pod of an address to a port of other Pods, or nothing back. */
  public void bar(String address, int port, Barred what) {
    script(
        "bar",
        name,
        address,
        Integer.toString(port),
        what.name().toLowerCase(java.util.Locale.ROOT));
  }

  /** Lets it pass again. */
  public void unbar() {
    script("unbar", name);
  }

  /** Stops the processes of a container, by its id, where they are. */
  public void freeze(String container) {
    script("freeze", name, container);
  }

  /** Lets them go on. */
  public void thaw(String container) {
    script("thaw", name, container);
  }

  /** Ends a part; what is stored stays. */
  public void stop(Part part) {
    script("stop", name, part.word());
  }

  /** Starts a part again as it was. */
  public void start(Part part) {
    script("start", name, part.word());
  }

  /** What the script does for two clusters: {@code join}, {@code cut}, {@code mend}. */
  void with(KubernetesCluster other, String verb, String... options) {
    var arguments = new ArrayList<>(List.of(verb, name, other.name));
    arguments.addAll(List.of(options));
    script(arguments.toArray(String[]::new));
  }

  /** A command line that runs in its network, where Pods find it at the node's address. */
  List<String> inside(String... line) {
    var all = new ArrayList<>(List.of("nsenter", "--net=/var/run/netns/selvage-" + name));
    all.addAll(Arrays.asList(line));
    return all;
  }

  /** The folder of its state, with the logs of its parts. */
  public Path folder() {
    return kubeconfig.resolveSibling("");
  }

  private static String script(String... arguments) {
    var line = new ArrayList<>(List.of(SCRIPT.toString()));
    line.addAll(Arrays.asList(arguments));
    return Tool.run(LIMIT, Map.of(), new byte[0], line).well().out();
  }

  private Tool.Ran end() {
    return Tool.run(LIMIT, Map.of(), new byte[0], List.of(SCRIPT.toString(), "down", name));
  }

  @Override
  public void close() {
    if (Runtime.getRuntime().removeShutdownHook(atExit)) {
      Tool.Ran ended = end();
      assertThat(ended.exit()).as("%s", ended).isZero();
    }
  }

  @Override
  public String toString() {
    return "cluster " + name;
  }
}
