package io.selvage.policy;

import java.util.List;

/** One thing that an index can branch on: an attribute of the connection or of the request. */
sealed interface Dimension {
  /** Known once the handshake is over. */
  sealed interface OfConnection extends Dimension {}

  /** Known with each request. */
  sealed interface OfRequest extends Dimension {}

  record Principal() implements OfConnection {}

  record SourceAddress() implements OfConnection {}

  record DestinationAddress() implements OfConnection {}

  record Port() implements OfConnection {}

  record ServerName() implements OfConnection {}

  /** The whole path, its beginning, or its end. */
  record Path() implements OfRequest {}

  /** The end of the path, for templates, whose beginning is in {@link Path}. */
  record PathTail() implements OfRequest {}

  /** One segment, counted from 0. */
  record PathSegment(int index) implements OfRequest {
    /** How many segments are looked at. */
    static final int COUNT = 6;
  }

  /** The client's, by trusted hops. */
  record RemoteAddress() implements OfRequest {}

  record Host() implements OfRequest {}

  record Method() implements OfRequest {}

  record Header(String name) implements OfRequest {}

  record Claim(List<String> path) implements OfRequest {}
}
