package io.selvage.model;

/**
 * The place in a configuration source where a resource, field or value was written.
 *
 * @param source a file's path as the user gave it, or a name such as {@code
 *     kubernetes:east/pay/deny-x}
 * @param line counted from 1; 0 when the source has no lines
 * @param column counted from 1; 0 when unknown
 */
public record SourceLocation(String source, int line, int column) {

  /** The location of what was never written anywhere: built-in defaults, and fixtures in tests. */
  public static final SourceLocation UNKNOWN = new SourceLocation("built-in", 0, 0);

  /** Whether this is {@link #UNKNOWN}. */
  public boolean isUnknown() {
    return equals(UNKNOWN);
  }

  /** {@code source:line}, the form that editors turn into a link; {@code source} with no line. */
  @Override
  public String toString() {
    return line > 0 ? source + ":" + line : source;
  }
}
