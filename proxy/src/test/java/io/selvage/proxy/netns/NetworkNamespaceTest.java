package io.selvage.proxy.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class NetworkNamespaceTest {

  /** A kernel of our own: hands out descriptors and notes every call. */
  private static final class FakeKernel implements NamespaceCalls {
    final List<String> seen = new ArrayList<>();
    int next = 10;
    int refuse = Integer.MIN_VALUE;

    @Override
    public int open(String path) {
      seen.add("open " + path);
      return path.contains("absent") ? -2 : next++;
    }

    @Override
    public int setns(int fd) {
      seen.add("setns " + fd);
      return fd == refuse ? -1 : 0;
    }

    @Override
    public int close(int fd) {
      seen.add("close " + fd);
      return 0;
    }
  }

  private final FakeKernel kernel = new FakeKernel();
  private final AtomicBoolean stopped = new AtomicBoolean();

  private NetworkNamespace open(String name) throws IOException {
    var opened =
        NetworkNamespace.open(Path.of("/run/netns", name), kernel, () -> stopped.set(true));
    kernel.seen.clear();
    return opened;
  }

  @Test
  void theTaskRunsInsideAndTheThreadComesHome() throws Exception {
    try (var pod = open("pod")) {
      String result =
          pod.call(
              () -> {
                kernel.seen.add("task");
                return "done";
              });
      assertThat(result).isEqualTo("done");
      assertThat(kernel.seen).containsExactly("setns 11", "task", "setns 10");
    }
  }

  @Test
  void anExceptionComesOutAfterTheWayHome() throws Exception {
    try (var pod = open("pod")) {
      assertThatThrownBy(
              () ->
                  pod.call(
                      () -> {
                        throw new IllegalArgumentException("mine");
                      }))
          .hasMessage("mine");
      assertThat(kernel.seen).containsExactly("setns 11", "setns 10");
    }
  }

  @Test
  void nestedCallsReturnToTheOuterNamespace() throws Exception {
    try (var outer = open("outer");
        var inner = open("inner")) {
      outer.call(() -> inner.call(() -> outer.call(() -> 1)));
      assertThat(kernel.seen)
          .containsExactly("setns 11", "setns 13", "setns 11", "setns 13", "setns 11", "setns 10");
    }
  }

  @Test
  void enteringTheSameNamespaceAgainCostsNoCall() throws Exception {
    try (var pod = open("pod")) {
      pod.call(() -> pod.call(() -> 1));
      assertThat(kernel.seen).containsExactly("setns 11", "setns 10");
    }
  }

  @Test
  void aRefusedEntryNamesTheMissingCapabilityAndTheTaskDoesNotRun() throws Exception {
    try (var pod = open("pod")) {
      kernel.refuse = 11;
      assertThatThrownBy(() -> pod.call(() -> kernel.seen.add("task")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot enter network namespace pod")
          .hasMessageContaining("CAP_SYS_ADMIN");
      assertThat(kernel.seen).doesNotContain("task");
    }
  }

  @Test
  void aThreadThatCannotComeHomeStopsTheProcess() throws Exception {
    try (var pod = open("pod")) {
      kernel.refuse = 10;
      var thread =
          Thread.ofPlatform()
              .start(
                  () ->
                      assertThatThrownBy(() -> pod.call(() -> 1))
                          .isInstanceOf(NetworkNamespace.WrongNamespaceError.class));
      thread.join();
      assertThat(stopped).isTrue();
    }
  }

  @Test
  void aVirtualThreadIsRefused() throws Exception {
    try (var pod = open("pod")) {
      var failure = new ArrayList<Throwable>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  pod.call(() -> 1);
                } catch (Exception e) {
                  failure.add(e);
                }
              })
          .join();
      assertThat(failure).singleElement().isInstanceOf(IllegalStateException.class);
      assertThat(kernel.seen).isEmpty();
    }
  }

  @Test
  void anAbsentNamespaceIsNamedAndNothingStaysOpen() {
    assertThatThrownBy(() -> NetworkNamespace.open(Path.of("/run/netns/absent"), kernel, () -> {}))
        .hasMessageContaining("/run/netns/absent");
    assertThat(kernel.seen).contains("close 10");
  }

  @Test
  void aClosedNamespaceIsNotEntered() throws Exception {
    var pod = open("pod");
    pod.close();
    pod.close();
    assertThat(kernel.seen).containsExactly("close 11", "close 10");
    assertThatThrownBy(() -> pod.call(() -> 1)).hasMessageContaining("closed");
  }

  @Test
  void theRealCallsReachTheKernel() throws Exception {
    var real = new LinuxNamespaceCalls();
    int fd = real.open("/proc/self/ns/net");
    assertThat(fd).isPositive();
    assertThat(real.close(fd)).isZero();
    assertThat(real.open("/nowhere/at/all")).isEqualTo(-2);
    assertThat(real.setns(-1)).isNegative();
  }
}
