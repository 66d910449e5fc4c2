package io.selvage.it.stage;

import java.util.concurrent.atomic.AtomicInteger;

/** Names of networks on this machine that no other test has, in this process or another. */
public final class MeshName {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private MeshName() {}

  /**
   * Another one each time.
   *
   * @param what small letters, for whoever looks at {@code ip netns}
   */
  public static String of(String what) {
    return "%s%d-%d".formatted(what, ProcessHandle.current().pid(), COUNT.incrementAndGet());
  }
}
