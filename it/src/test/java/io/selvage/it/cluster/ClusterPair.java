package io.selvage.it.cluster;

import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Two clusters, {@code east} and {@code west}, with a cable between their nodes. */
public final class ClusterPair implements AutoCloseable {
  /** What passes the cable. */
  public enum Network {
    /** Pods reach Pods of the other cluster. */
    ONE,
    /** Only nodes reach each other: a Pod's traffic comes from the address of its node. */
    TWO
  }

  private final Opened opened = new Opened();
  private final KubernetesCluster east;
  private final KubernetesCluster west;
  private final Path kubeconfig;

  private ClusterPair(Network network) throws Exception {
    try {
      var other = new FutureTask<>(() -> KubernetesCluster.start("west"));
      Thread.ofPlatform().start(other);
      try {
        this.east = opened.add(KubernetesCluster.start("east"));
      } finally {
        opened.add(() -> other.get().close());
      }
      this.west = result(other);
      if (network == Network.ONE) {
        east.with(west, "join", "--pods");
      } else {
        east.with(west, "join");
      }
      this.kubeconfig = both();
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /** Starts both. */
  public static ClusterPair start(Network network) throws Exception {
    return new ClusterPair(network);
  }

  private static <T> T result(FutureTask<T> task) throws Exception {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private Path both() throws IOException {
    var environment = Map.of("KUBECONFIG", east.kubeconfig() + ":" + west.kubeconfig());
    var line = List.of(Tool.peer("kubectl").toString(), "config", "view", "--raw");
    Path file = east.folder().resolve("kubeconfig-of-both");
    Files.writeString(file, Tool.run(environment, line).well().out());
    return file;
  }

  public KubernetesCluster east() {
    return east;
  }

  public KubernetesCluster west() {
    return west;
  }

  /** With a context for each. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  /** Lets nothing pass between the two. */
  public void cut() {
    east.with(west, "cut");
  }

  /** Lets pass again what did before {@link #cut}. */
  public void mend() {
    east.with(west, "mend");
  }

  @Override
  public void close() {
    opened.close();
  }
}
