package io.selvage.cli.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OldGenerationTest {

  private static final long MB = 1L << 20;

  private final Told heap = new Told();
  private final OldGeneration old = new OldGeneration(heap);

  @Test
  void collectsOnceItIsQuiet() {
    heap.used = 60 * MB;
    old.look();
    assertThat(heap.collections).as("the first look knows of no quiet").isZero();
    old.look();
    assertThat(heap.collections).isEqualTo(1);
    old.look();
    assertThat(heap.collections).as("nothing has come since").isEqualTo(1);
  }

  @Test
  void waitsWhileTheYoungGenerationIsFilled() {
    heap.kept = 60 * MB;
    heap.used = 100 * MB;
    for (int i = 0; i < 5; i++) {
      heap.young++;
      old.look();
    }
    assertThat(heap.collections).isZero();
    old.look();
    assertThat(heap.collections).isEqualTo(1);
  }

  @Test
  void waitsNoLongerWhenMoreIsGarbageThanKept() {
    heap.kept = 60 * MB;
    heap.used = 136 * MB;
    heap.young++;
    old.look();
    assertThat(heap.collections).isEqualTo(1);
  }

  @Test
  void littleIsNotWorthIt() {
    heap.kept = 60 * MB;
    heap.used = 60 * MB + OldGeneration.WORTH - 1;
    old.look();
    old.look();
    assertThat(heap.collections).isZero();
    heap.used++;
    old.look();
    assertThat(heap.collections).isEqualTo(1);
  }

  @Test
  void whereMuchIsKeptTheJvmDecides() {
    heap.kept = OldGeneration.LARGE + 1;
    heap.used = 4 * heap.kept;
    old.look();
    old.look();
    assertThat(heap.collections).isZero();
  }

  @Test
  void looksAfterThisJvmWithAThreadThatDoesNotKeepItAlive() throws Exception {
    try (var looks = OldGeneration.watch()) {
      assertThat(looks.submit(() -> Thread.currentThread().isDaemon()).get()).isTrue();
      looks.shutdownNow();
    }
  }

  /** All that is used when it is collected is kept. */
  private static final class Told implements OldGeneration.Heap {
    private long used;
    private long kept;
    private long young;
    private int collections;

    @Override
    public long used() {
      return used;
    }

    @Override
    public long kept() {
      return kept;
    }

    @Override
    public long youngCollections() {
      return young;
    }

    @Override
    public void collect() {
      collections++;
      kept = used;
    }
  }
}
