package io.selvage.policy;

/**
 * How input that can be read in two ways is read: which way is safe depends on what a match does.
 *
 * <p>Where a match lets a request through (ALLOW), a matcher must be {@link #NARROW}: it holds only
 * if it holds beyond doubt. Where a match stops, asks or records (DENY, CUSTOM, LOG) it must be
 * {@link #WIDE}: it holds as soon as one reading of the input satisfies it. Under a {@link
 * Matcher.Not} a match of the inner matcher works the other way round, so each {@code Not} flips
 * the reading; two cancel out. Hence no reading ever lets more through than an Envoy that reads
 * joined; since 1.38 it reads one by one, and an ALLOW of {@code a,b} lets two lines {@code a} and
 * {@code b} through here only, as they are one list to RFC 9110 5.2:
 *
 * <table>
 *   <caption>What is ambiguous, and how it is read</caption>
 *   <tr><th>input</th><th>NARROW</th><th>WIDE</th></tr>
 *   <tr><td>repeated header (CVE-2020-25017, CVE-2026-26308)</td>
 *       <td>the values joined with a comma match</td><td>those, or any one value</td></tr>
 *   <tr><td>empty {@code :authority}: absent or empty?</td><td>absent</td><td>empty</td></tr>
 *   <tr><td>characters no URI may have, under {@code {*}} and {@code {**}}</td>
 *       <td>don't match</td><td>match</td></tr>
 *   <tr><td>a pseudo header that this engine is not told</td><td>false</td><td>true</td></tr>
 *   <tr><td>metadata of a filter this engine doesn't run</td><td>false</td><td>true</td></tr>
 * </table>
 */
public enum Reading {
  /** Holds only beyond doubt. */
  NARROW,
  /** Holds as soon as one reading of the input satisfies the matcher. */
  WIDE;

  /** The reading outside of any {@code Not} for a rule with this action. */
  public static Reading of(RbacPolicy.Action action) {
    return switch (action) {
      case ALLOW -> NARROW;
      case DENY, LOG -> WIDE;
    };
  }

  /** The reading one {@code Not} further in. */
  public Reading flipped() {
    return this == NARROW ? WIDE : NARROW;
  }
}
