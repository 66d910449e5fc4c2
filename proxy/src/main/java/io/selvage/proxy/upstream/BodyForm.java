package io.selvage.proxy.upstream;

import io.selvage.proxy.http1.BodyFraming;
import io.selvage.proxy.http1.BodyReader;

/** In what form the pieces of a body are handed on from one side to the other. */
public enum BodyForm {
  /** There is none. */
  NONE,
  /** Data; the head has its Content-Length. */
  SIZED,
  /** Whole HTTP/1.1 chunked coding, its end and trailers included, ready for the wire. */
  CHUNKS,
  /** Data of unknown length. */
  STREAM,
  /** Whatever comes, in both directions, until somebody closes. */
  TUNNEL;

  /** The form that comes out of an HTTP/1.1 reader. */
  public static BodyForm of(BodyFraming framing, BodyReader.Output output) {
    return switch (framing) {
      case BodyFraming.None _ -> NONE;
      case BodyFraming.Fixed _ -> SIZED;
      case BodyFraming.Chunked _ -> output == BodyReader.Output.FRAMED ? CHUNKS : STREAM;
      case BodyFraming.UntilClose _ -> STREAM;
      case BodyFraming.Tunnel _ -> TUNNEL;
    };
  }
}
