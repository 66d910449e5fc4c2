package io.selvage.control.jwks;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** How a small JSON document is had from an address. */
@FunctionalInterface
public interface KeyFetch {
  /**
   * Gets the document.
   *
   * @param timeout for the whole exchange
   * @throws IOException with a message that says why not, for status and log
   */
  String get(URI address, Duration timeout) throws IOException;
}
