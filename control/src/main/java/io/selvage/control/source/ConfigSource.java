package io.selvage.control.source;

import io.selvage.model.MeshSnapshot;
import java.io.IOException;
import java.util.function.Consumer;

/** A place where a mesh's configuration is written, such as a folder or a Kubernetes API. */
public interface ConfigSource extends AutoCloseable {
  /**
   * Reads everything, hands out the first snapshot before it returns, and one more after each
   * change until closed, with growing generations and one at a time.
   *
   * @throws IOException when the place itself can't be read; what is wrong in it is a problem of
   *     the snapshot instead
   */
  void start(Consumer<MeshSnapshot> listener) throws IOException;

  /** Ends the watch. No snapshot is handed out once this has returned. */
  @Override
  void close();
}
