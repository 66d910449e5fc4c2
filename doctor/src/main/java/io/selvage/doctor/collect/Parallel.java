package io.selvage.doctor.collect;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;

/** Does many things that wait, at once. */
public final class Parallel implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** What comes of each, in the same order. */
  public <T, R> List<R> each(List<T> items, Function<T, R> work) {
    List<CompletableFuture<R>> coming =
        items.stream().map(item -> begin(() -> work.apply(item))).toList();
    return coming.stream().map(CompletableFuture::join).toList();
  }

  /** Begins one. */
  public <R> CompletableFuture<R> begin(Supplier<R> work) {
    return CompletableFuture.supplyAsync(work, threads);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
