package io.selvage.it.conformance;

import io.selvage.control.source.ConfigSource;
import io.selvage.model.MeshSnapshot;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A control plane's configuration, put there by the test. */
final class HeldSource implements ConfigSource {
  private @Nullable Consumer<MeshSnapshot> listener;
  private MeshSnapshot held;

  HeldSource(MeshSnapshot first) {
    this.held = first;
  }

  @Override
  public synchronized void start(Consumer<MeshSnapshot> to) {
    listener = to;
    to.accept(held);
  }

  /** Hands on another one. */
  synchronized void put(MeshSnapshot next) {
    held = next;
    Objects.requireNonNull(listener, "started").accept(next);
  }

  @Override
  public synchronized void close() {
    listener = null;
  }
}
