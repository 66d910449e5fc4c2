package io.selvage.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class behind which a buffer, or a TLS engine or context, was collected without
 * having been released. Registered for all tests of this module; every buffer is watched.
 */
public final class LeakWatch implements AfterAllCallback {
  private static final String CANARY = "the canary of LeakWatch";
  private static final int MOST_COLLECTIONS = 100;
  private static final List<String> LEAKS = new CopyOnWriteArrayList<>();
  private static final AtomicInteger CANARIES = new AtomicInteger();
  private static final AtomicBoolean CANARY_SEEN = new AtomicBoolean();

  static {
    // before the first buffer is made
    System.setProperty("io.netty.leakDetection.level", "paranoid");
    System.setProperty("io.netty.leakDetection.targetRecords", "8");
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Factory());
  }

  /** By Netty's service loader's rules: public, without parameters. */
  public LeakWatch() {}

  @Override
  public void afterAll(ExtensionContext context) {
    // a leak of our own, made last: once it is seen, so are all that came before it
    CANARY_SEEN.set(false);
    leakCanary();
    for (int i = 0; i < MOST_COLLECTIONS && !CANARY_SEEN.get(); i++) {
      System.gc();
      ByteBufAllocator.DEFAULT.buffer(16).release(); // makes the detector look
    }
    List<String> found = List.copyOf(LEAKS);
    LEAKS.clear();
    if (!CANARY_SEEN.get() || !found.isEmpty()) {
      throw new AssertionError(
          found.isEmpty() ? "the leak detector sees nothing" : String.join("\n\n", found));
    }
  }

  private static void leakCanary() {
    // Netty tells of equal records once
    ByteBufAllocator.DEFAULT.buffer(16).touch(CANARY + " " + CANARIES.incrementAndGet());
  }

  private static void report(String type, String records) {
    if (records.contains(CANARY)) {
      CANARY_SEEN.set(true);
    } else {
      LEAKS.add("leaked: " + type + records);
    }
  }

  /** Makes detectors that tell {@link LeakWatch}. */
  private static final class Factory extends ResourceLeakDetectorFactory {
    @Override
    @SuppressWarnings("deprecation") // Netty offers no other way in
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return newResourceLeakDetector(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval) {
      return new Detector<>(resource, samplingInterval);
    }
  }

  private static final class Detector<T> extends ResourceLeakDetector<T> {
    Detector(Class<T> resource, int samplingInterval) {
      super(resource, samplingInterval);
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      report(resourceType, records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      report(resourceType, "");
    }
  }
}
