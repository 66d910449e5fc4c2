package io.selvage.cli.memory;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The old generation of a process that lives long: collected when it is quiet, before it is full.
 * The serial collector looks at it only when its maximum is reached, so that what changes have left
 * there stays in memory for good. A collection stops all threads for a time that grows with what is
 * kept (170 to 220 ms for 60 MB on two busy cores); where much is kept the JVM's own rule is left
 * alone.
 */
public final class OldGeneration {

  /** What a collection is worth, in bytes of the old generation. */
  static final long WORTH = 16L << 20;

  /** Where more is kept, in bytes, a collection would be noticed. */
  static final long LARGE = 256L << 20;

  private static final long SECONDS = 1;

  /** What the JVM tells of it. */
  interface Heap {
    /** Bytes of the old generation in use, garbage included. */
    long used();

    /** Bytes in use after its last collection; 0 before the first. */
    long kept();

    /** How many collections of the young generation there were. */
    long youngCollections();

    /** Collects all. */
    void collect();
  }

  private final Heap heap;
  private long seen = -1;

  OldGeneration(Heap heap) {
    this.heap = heap;
  }

  /**
   * Looks after this JVM's old generation, once a second, until what is returned is shut down. A
   * JVM of another collector than the serial one is left alone.
   */
  public static ScheduledExecutorService watch() {
    ScheduledExecutorService looks =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("selvage-heap").factory());
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      for (GarbageCollectorMXBean young : ManagementFactory.getGarbageCollectorMXBeans()) {
        if (pool.getName().equals("Tenured Gen") && young.getName().equals("Copy")) {
          var old = new OldGeneration(new Serial(pool, young));
          var _ = looks.scheduleWithFixedDelay(old::look, SECONDS, SECONDS, TimeUnit.SECONDS);
        }
      }
    }
    return looks;
  }

  /**
   * Collects if that is due: a worth of garbage may be there and nothing has filled the young
   * generation since the last look, or so much that waiting for quiet is no good.
   */
  void look() {
    long young = heap.youngCollections();
    boolean quiet = young == seen;
    seen = young;
    long kept = heap.kept();
    long grown = heap.used() - kept;
    if (kept <= LARGE
        && (quiet ? grown >= Math.max(WORTH, kept / 4) : kept > 0 && grown >= WORTH + kept)) {
      heap.collect();
    }
  }

  private record Serial(MemoryPoolMXBean pool, GarbageCollectorMXBean young) implements Heap {

    @Override
    public long used() {
      return pool.getUsage().getUsed();
    }

    @Override
    public long kept() {
      return pool.getCollectionUsage().getUsed();
    }

    @Override
    public long youngCollections() {
      return young.getCollectionCount();
    }

    @Override
    public void collect() {
      System.gc();
    }
  }
}
