package io.selvage.proxy.telemetry;

import java.util.EnumSet;
import java.util.Set;

/** What went other than planned, as Envoy's {@code %RESPONSE_FLAGS%} abbreviates it. */
public enum ResponseFlag {
  /** No healthy endpoint in the cluster. */
  UH,
  /** The upstream didn't answer in time. */
  UT,
  /** We reset the stream. */
  LR,
  /** The upstream reset the stream. */
  UR,
  /** The connection to the upstream failed. */
  UF,
  /** The upstream closed its connection. */
  UC,
  /** A limit of connections or requests to the upstream was reached. */
  UO,
  /** No route for the request, or no filter chain for the connection. */
  NR,
  /** Refused by a rate limit. */
  RL,
  /** Denied by an external authorizer. */
  UAEX,
  /** The client closed its connection. */
  DC,
  /** All retries failed. */
  URX,
  /** The stream was idle for too long. */
  SI,
  /** The client's message broke the protocol. */
  DPE,
  /** The request took longer than it may. */
  DT,
  /** The upstream's message broke the protocol. */
  UPE,
  /** The cluster is not known. */
  NC;

  @SuppressWarnings("EnumOrdinal") // a bit that lives no longer than the process
  int bit() {
    return 1 << ordinal();
  }

  /** The flags of a set of bits. */
  static Set<ResponseFlag> of(int bits) {
    EnumSet<ResponseFlag> flags = EnumSet.noneOf(ResponseFlag.class);
    for (ResponseFlag flag : values()) {
      if ((bits & flag.bit()) != 0) {
        flags.add(flag);
      }
    }
    return flags;
  }

  /** {@code UF,URX}, or {@code -} for none. */
  static String text(int bits) {
    if (bits == 0) {
      return "-";
    }
    if (Integer.bitCount(bits) == 1) {
      return of(bits).iterator().next().name();
    }
    return String.join(",", of(bits).stream().map(Enum::name).toList());
  }
}
