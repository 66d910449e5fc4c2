package io.selvage.cli.prove;

import java.nio.file.Path;
import java.util.List;

/** Where one side of a comparison, or the mesh of a question, is read from. */
public interface SideSource {

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
