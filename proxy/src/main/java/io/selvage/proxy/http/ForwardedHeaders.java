package io.selvage.proxy.http;

import io.selvage.proxy.accept.VerifiedPeer;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.xds.resource.NetworkStack;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * {@code X-Forwarded-Proto} and {@code X-Forwarded-For}, and what the latter says of the client's
 * address: a sidecar trusts its peers and appends nothing, an edge ({@code use_remote_address})
 * believes only as many hops as it is told.
 */
final class ForwardedHeaders {
  private static final HeaderLine HTTP = HeaderLine.of("x-forwarded-proto", "http");
  private static final HeaderLine HTTPS = HeaderLine.of("x-forwarded-proto", "https");

  private ForwardedHeaders() {}

  static void apply(HeadBuffer head, NetworkStack.Http config, VerifiedPeer peer) {
    if (config.useRemoteAddress()) {
      head.remove(KnownHeader.X_FORWARDED_PROTO);
    }
    if (!head.has(KnownHeader.X_FORWARDED_PROTO)) {
      head.append(peer.isTls() ? HTTPS : HTTP);
    }
    if (config.useRemoteAddress()) {
      edge(head, config, peer);
    } else if (head.has(KnownHeader.X_FORWARDED_FOR)) {
      head.setRemoteAddress(fromRight(head, config.xffTrustedHops()));
    }
  }

  private static void edge(HeadBuffer head, NetworkStack.Http config, VerifiedPeer peer) {
    if (config.xffTrustedHops() > 0 && head.has(KnownHeader.X_FORWARDED_FOR)) {
      head.setRemoteAddress(fromRight(head, config.xffTrustedHops() - 1));
    }
    String address = peer.source().getAddress().getHostAddress();
    String before = joined(head);
    head.remove(KnownHeader.X_FORWARDED_FOR);
    head.append("x-forwarded-for", address);
    if (!before.isEmpty()) {
      byte[] all = (before + "," + address).getBytes(StandardCharsets.ISO_8859_1);
      head.setValue(head.fieldCount() - 1, all, 0, all.length);
    }
  }

  /** All that came, as one list: what we add must be behind everything that a client says. */
  private static String joined(HeadBuffer head) {
    StringBuilder all = new StringBuilder();
    for (int i = head.first(KnownHeader.X_FORWARDED_FOR);
        i >= 0;
        i = head.next(KnownHeader.X_FORWARDED_FOR, i + 1)) {
      all.append(all.isEmpty() ? "" : ",").append(head.value(i));
    }
    return all.toString();
  }

  /** The address that many places from the right; null when there is none, or it is no literal. */
  private static @Nullable InetAddress fromRight(HeadBuffer head, int place) {
    String[] hops = joined(head).split(",", -1);
    int at = hops.length - 1 - place;
    if (at < 0) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(hops[at].trim());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
