package io.selvage.proxy.jwt;

import org.jspecify.annotations.Nullable;

/** The request that tokens are looked for in, whichever codec holds it. */
public interface JwtRequest {
  /** {@code :method}. */
  String method();

  /** {@code http} or {@code https}, as the client sees it. */
  String scheme();

  /** {@code :authority}. */
  String authority();

  /** The path without query. */
  String path();

  /** The query with its question mark, or empty. */
  String query();

  /** Puts another query (with its question mark, or empty) in place. */
  void setQuery(String query);

  /** The {@code index}th value of the header with this lower-case name, or null after the last. */
  @Nullable String header(String lowerCaseName, int index);

  /** Removes all values of a header. */
  void removeHeader(String lowerCaseName);

  /** Adds a header; the value has no control characters. */
  void addHeader(String lowerCaseName, String value);
}
