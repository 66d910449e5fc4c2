package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.source.ConfigSource;
import io.selvage.model.MeshSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class DeclaredWithWorkloadsTest {

  private final List<MeshSnapshot> handedOut = new ArrayList<>();
  private final MeshPlan demo = MeshPlan.read("demo", Path.of("..", "examples", "demo"), "unused");

  /** Nothing is declared, and never changes. */
  private static final class Nothing implements ConfigSource {
    @Override
    public void start(Consumer<MeshSnapshot> listener) {
      listener.accept(MeshSnapshot.of(1, List.of(), List.of()));
    }

    @Override
    public void close() {}
  }

  @Test
  void servicesComeAndGoWithTheWorkloadsThatImplyThem() throws IOException {
    try (var source = new DeclaredWithWorkloads(new Nothing(), List.of(), _ -> {})) {
      source.start(handedOut::add);
      source.workloads(demo.workloads());
      source.workloads(demo.workloads());
      source.workloads(List.of());
    }
    assertThat(handedOut).extracting(s -> s.resources().size()).containsExactly(0, 2, 0);
    assertThat(handedOut).extracting(MeshSnapshot::generation).containsExactly(1L, 2L, 3L);
  }

  @Test
  void nothingIsHandedOutAfterTheEnd() throws IOException {
    var source = new DeclaredWithWorkloads(new Nothing(), List.of(), _ -> {});
    source.start(handedOut::add);
    source.close();
    source.workloads(demo.workloads());
    assertThat(handedOut).hasSize(1);
  }
}
