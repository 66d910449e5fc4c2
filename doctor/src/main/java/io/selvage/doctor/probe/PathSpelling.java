package io.selvage.doctor.probe;

import java.util.List;

/**
 * A way to write the path that a policy denies.
 *
 * @param written as it goes over the wire
 * @param meaning what a server that normalises paths makes of it
 */
public record PathSpelling(String written, Meaning meaning) {
  /** The path that is denied, with all below it. */
  public static final String DENIED = "/private";

  /** Whether it is the denied path, read by RFC 3986 and by what servers do beyond it. */
  public enum Meaning {
    /** The same by RFC 3986 (6.2.2): Istio's BASE and stricter must deny it. */
    SAME,
    /** The same for servers that merge slashes: MERGE_SLASHES and stricter must deny it. */
    SAME_WHEN_SLASHES_MERGE,
    /** The same for servers that decode slashes: DECODE_AND_MERGE_SLASHES must deny it. */
    SAME_WHEN_SLASHES_ARE_DECODED,
    /** Another path. */
    OTHER;

    /** As in details of outcomes. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /** Those that are tried, the plain one first. */
  public static final List<PathSpelling> ALL =
      List.of(
          new PathSpelling("/private", Meaning.SAME),
          new PathSpelling("/private/", Meaning.SAME),
          new PathSpelling("/./private", Meaning.SAME),
          new PathSpelling("/open/../private", Meaning.SAME),
          new PathSpelling("/%70rivate", Meaning.SAME),
          new PathSpelling("/private?query", Meaning.SAME),
          new PathSpelling("//private", Meaning.SAME_WHEN_SLASHES_MERGE),
          new PathSpelling("/open%2f..%2fprivate", Meaning.SAME_WHEN_SLASHES_ARE_DECODED),
          new PathSpelling("/PRIVATE", Meaning.OTHER),
          new PathSpelling("/privat", Meaning.OTHER));
}
