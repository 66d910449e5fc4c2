package io.selvage.ca.roots;

import java.io.IOException;
import java.util.Optional;

/** Where the authority's state survives. */
public interface CaStore {
  /** The last state that was saved whole; empty only when none ever was. */
  Optional<CaState> load() throws IOException;

  /** Returns once the state would survive a power cut. */
  void save(CaState state) throws IOException;
}
