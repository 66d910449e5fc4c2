package io.selvage.proxy.http1;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The headers that the proxy itself reads or writes, recognised while a head is parsed. */
public enum KnownHeader {
  /** Any other header. */
  OTHER(Kind.END_TO_END),
  HOST(Kind.PROTECTED),
  CONTENT_LENGTH(Kind.PROTECTED),
  TRANSFER_ENCODING(Kind.PROTECTED),
  CONNECTION(Kind.HOP_BY_HOP),
  KEEP_ALIVE(Kind.HOP_BY_HOP),
  PROXY_CONNECTION(Kind.HOP_BY_HOP),
  PROXY_AUTHENTICATE(Kind.HOP_BY_HOP),
  PROXY_AUTHORIZATION(Kind.HOP_BY_HOP),
  HTTP2_SETTINGS(Kind.HOP_BY_HOP),
  UPGRADE(Kind.CONDITIONAL),
  TE(Kind.CONDITIONAL),
  TRAILER(Kind.PROTECTED),
  EXPECT(Kind.PROTECTED),
  DATE(Kind.PROTECTED),
  SERVER(Kind.PROTECTED),
  CONTENT_TYPE(Kind.PROTECTED),
  CONTENT_ENCODING(Kind.PROTECTED),
  AUTHORIZATION(Kind.PROTECTED),
  COOKIE(Kind.PROTECTED),
  SET_COOKIE(Kind.PROTECTED),
  ORIGIN(Kind.PROTECTED),
  ACCESS_CONTROL_REQUEST_METHOD(Kind.PROTECTED),
  USER_AGENT(Kind.PROTECTED),
  FORWARDED(Kind.PROTECTED),
  X_FORWARDED_FOR(Kind.PROTECTED),
  X_FORWARDED_HOST(Kind.PROTECTED),
  X_FORWARDED_PROTO(Kind.PROTECTED),
  X_FORWARDED_CLIENT_CERT(Kind.PROTECTED),
  X_REQUEST_ID(Kind.PROTECTED),
  X_ENVOY_UPSTREAM_SERVICE_TIME(Kind.PROTECTED),
  X_ENVOY_PEER_METADATA(Kind.PROTECTED),
  X_ENVOY_PEER_METADATA_ID(Kind.PROTECTED),
  TRACEPARENT(Kind.PROTECTED),
  TRACESTATE(Kind.PROTECTED),
  SEC_WEBSOCKET_KEY(Kind.END_TO_END);

  private enum Kind {
    END_TO_END,
    HOP_BY_HOP,
    /** Hop-by-hop, but forwarded under a condition. */
    CONDITIONAL,
    /** Stays, also when a Connection header nominates it. */
    PROTECTED
  }

  private static final KnownHeader[] ALL = values();
  private static final int SLOTS = 256;
  private static final @Nullable KnownHeader[] TABLE = table();

  private final Kind kind;
  private final String lowerName;

  KnownHeader(Kind kind) {
    this.kind = kind;
    this.lowerName = name().replace('_', '-').toLowerCase(Locale.ROOT);
  }

  /** The name in lower case, as it is written to the wire. */
  public String lowerName() {
    return lowerName;
  }

  boolean hopByHop() {
    return kind == Kind.HOP_BY_HOP;
  }

  /** Whether a Connection header that nominates it is disregarded. */
  boolean isProtected() {
    return kind == Kind.PROTECTED;
  }

  /** A small number for bit sets and offset tables in memory; never stored or sent. */
  @SuppressWarnings("EnumOrdinal") // the number lives no longer than the process
  int code() {
    return ordinal();
  }

  static KnownHeader at(int code) {
    return ALL[code];
  }

  private boolean isSpelt(byte[] array, int start, int end) {
    if (end - start != lowerName.length()) {
      return false;
    }
    for (int i = 0; i < lowerName.length(); i++) {
      if (array[start + i] != lowerName.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The header of a lower-case name.
   *
   * @param hash {@link String#hashCode()} of the name
   */
  static KnownHeader of(int hash, byte[] array, int start, int end) {
    for (int slot = slot(hash); ; slot = (slot + 1) & (SLOTS - 1)) {
      KnownHeader candidate = TABLE[slot];
      if (candidate == null) {
        return OTHER;
      }
      if (candidate.isSpelt(array, start, end)) {
        return candidate;
      }
    }
  }

  private static int slot(int hash) {
    return (hash ^ (hash >>> 9) ^ (hash >>> 18)) & (SLOTS - 1);
  }

  private static @Nullable KnownHeader[] table() {
    @Nullable KnownHeader[] table = new @Nullable KnownHeader[SLOTS];
    for (KnownHeader header : ALL) {
      if (header != OTHER) {
        int slot = slot(header.lowerName.hashCode());
        while (table[slot] != null) {
          slot = (slot + 1) & (SLOTS - 1);
        }
        table[slot] = header;
      }
    }
    return table;
  }
}
