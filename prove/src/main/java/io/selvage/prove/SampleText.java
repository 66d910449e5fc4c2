package io.selvage.prove;

/** How parts of requests are shown. */
final class SampleText {
  private static final String SCHEME = "spiffe://";

  private SampleText() {}

  /** An identity as policies write it: without its scheme. */
  static String principal(String uri) {
    return uri.startsWith(SCHEME) ? uri.substring(SCHEME.length()) : uri;
  }
}
