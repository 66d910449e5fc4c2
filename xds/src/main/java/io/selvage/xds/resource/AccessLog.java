package io.selvage.xds.resource;

/**
 * A file access log ({@code envoy.access_loggers.file}).
 *
 * @param path a file, or {@code /dev/stdout}
 * @param encoding how a line is written
 * @param format Envoy's format string, or the JSON object whose values are format strings; empty:
 *     Istio's default
 */
public record AccessLog(String path, Encoding encoding, String format) {
  /** How a line is written. */
  public enum Encoding {
    /** The format string, filled in. */
    TEXT,
    /** A JSON object a line. */
    JSON
  }
}
