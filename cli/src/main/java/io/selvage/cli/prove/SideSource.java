package io.selvage.cli.prove;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Where one side of a comparison, or the mesh of a question, is read from. */
public interface SideSource {

  /** One that nobody watches. */
  static SideSource of(String label, Supplier<List<ClusterInput>> read) {
    return new SideSource() {
      @Override
      public String label() {
        return label;
      }

      @Override
      public List<ClusterInput> read() {
        return read.get();
      }
    };
  }

  /** How messages call it, such as {@code main:mesh/}. */
  String label();

  /**
   * Reads it as it is now.
   *
   * @return at least one cluster
   * @throws io.selvage.cli.UserError when there is nothing that can be read
   */
  List<ClusterInput> read();

  /** Folders and files in which a change may show; empty: it can't change, or nobody can tell. */
  default List<Path> watched() {
    return List.of();
  }
}
