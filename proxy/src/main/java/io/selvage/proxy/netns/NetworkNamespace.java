package io.selvage.proxy.netns;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network namespace in which this process opens sockets, though its threads live elsewhere.
 *
 * <p>A socket belongs for life to the namespace of the thread that created it (setns(2),
 * network_namespaces(7)), and so do the sockets that a listener accepts. {@link #call} therefore
 * moves the calling thread only for the creation: {@code namespace.call(EpollSocketChannel::new)}.
 * Connecting, binding, reading and writing need no namespace. {@code java.net.Socket} creates its
 * descriptor late, on connect; channels create theirs at once.
 *
 * <p>The thread is back where it was when {@link #call} returns, also after an exception. If the
 * kernel refuses the way back, the process stops: a thread in the wrong namespace would send one
 * workload's traffic with another's address.
 *
 * <p>Entering takes {@code CAP_SYS_ADMIN} in the user namespace that owns the network namespace.
 */
public final class NetworkNamespace implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NetworkNamespace.class);
  private static final int CLOSED = -1;

  /** Where the current thread is, when a call below is under way; absent at home. */
  private static final ThreadLocal<@Nullable NetworkNamespace> ENTERED = new ThreadLocal<>();

  private final String name;
  private final NamespaceCalls calls;
  private final Runnable lost;
  private final int homeFd;
  private final AtomicInteger fd;

  private NetworkNamespace(
      String name, NamespaceCalls calls, Runnable lost, int homeFd, int targetFd) {
    this.name = name;
    this.calls = calls;
    this.lost = lost;
    this.homeFd = homeFd;
    this.fd = new AtomicInteger(targetFd);
  }

  /**
   * Opens the namespace bound to {@code path}, for instance {@code /run/netns/NAME} or {@code
   * /proc/PID/ns/net}.
   *
   * @throws IOException when there is none, or it may not be read
   */
  public static NetworkNamespace open(Path path) throws IOException {
    return open(path, Native.CALLS, () -> Runtime.getRuntime().halt(70));
  }

  static NetworkNamespace open(Path path, NamespaceCalls calls, Runnable lost) throws IOException {
    int home = calls.open("/proc/self/ns/net");
    if (home < 0) {
      throw new IOException("cannot open this process's own network namespace: errno " + -home);
    }
    int target = calls.open(path.toString());
    if (target < 0) {
      calls.close(home);
      throw new IOException("cannot open network namespace " + path + ": errno " + -target);
    }
    return new NetworkNamespace(String.valueOf(path.getFileName()), calls, lost, home, target);
  }

  /**
   * Runs {@code task} on the calling platform thread inside this namespace and returns its result.
   * Calls may nest. Keep the task short: create a socket, nothing that waits or resolves names.
   *
   * @throws IllegalStateException on a virtual thread, whose carrier would be moved under others
   * @throws IOException when the kernel refuses to enter; the task has not run
   */
  public <T> T call(Callable<T> task) throws Exception {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a virtual thread cannot enter a network namespace: call from a platform thread");
    }
    NetworkNamespace before = ENTERED.get();
    if (before == this) {
      return task.call();
    }
    enter();
    ENTERED.set(this);
    try {
      return task.call();
    } finally {
      leaveTo(before);
    }
  }

  private void enter() throws IOException {
    int target = fd.get();
    if (target == CLOSED) {
      throw new IOException("network namespace " + name + " is closed");
    }
    int result = calls.setns(target);
    if (result < 0) {
      throw new IOException(
          "cannot enter network namespace "
              + name
              + ": errno "
              + -result
              + (result == -1 ? " (CAP_SYS_ADMIN is missing)" : ""));
    }
  }

  private void leaveTo(@Nullable NetworkNamespace before) {
    int result = calls.setns(before == null ? homeFd : before.fd.get());
    if (result < 0) {
      LOG.error(
          "a thread cannot leave network namespace {}: errno {}; stopping, since it would go on in"
              + " the wrong network",
          name,
          -result);
      lost.run();
      throw new WrongNamespaceError(name);
    }
    if (before == null) {
      ENTERED.remove();
    } else {
      ENTERED.set(before);
    }
  }

  /** The last part of the path that this was opened by. */
  public String name() {
    return name;
  }

  /** Forgets the namespace; sockets created in it live on. Closing twice does nothing. */
  @Override
  public void close() {
    int open = fd.getAndSet(CLOSED);
    if (open != CLOSED) {
      calls.close(open);
      calls.close(homeFd);
    }
  }

  @Override
  public String toString() {
    return "netns " + name;
  }

  /** Says that a thread was left in a namespace where it must not go on. */
  static final class WrongNamespaceError extends Error {
    private static final long serialVersionUID = 1L;

    WrongNamespaceError(String name) {
      super("this thread is stuck in network namespace " + name);
    }
  }

  /** Holds the native linkage back until a namespace is really opened. */
  private static final class Native {
    static final NamespaceCalls CALLS = new LinuxNamespaceCalls();

    private Native() {}
  }
}
