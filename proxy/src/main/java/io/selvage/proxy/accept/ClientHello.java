package io.selvage.proxy.accept;

import io.netty.buffer.ByteBuf;
import io.selvage.proxy.accept.FirstBytes.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a TLS client says before anything is encrypted (RFC 8446 4.1.2), as far as it decides which
 * filter chain is meant.
 *
 * @param serverName SNI in lower case (RFC 6066 3)
 * @param alpn protocols it offers, by its preference (RFC 7301)
 */
public record ClientHello(Optional<String> serverName, List<String> alpn) {
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;
  private static final int MAX_NAME = 255;

  /** Reads a handshake message without its records. */
  static FirstBytes read(ByteBuf in) {
    int start = in.readerIndex();
    if (in.readableBytes() > 0 && in.getByte(start) != CLIENT_HELLO) {
      return new Malformed("a TLS handshake that does not begin with a client's hello");
    }
    if (in.readableBytes() < 4) {
      return FirstBytes.MORE;
    }
    int length = in.getUnsignedMedium(start + 1);
    if (length > FirstBytes.MAX_HELLO) {
      return new Malformed("a TLS hello of " + length + " bytes");
    }
    if (in.readableBytes() < 4 + length) {
      return FirstBytes.MORE;
    }
    try {
      return new FirstBytes.Tls(body(in.slice(start + 4, length)));
    } catch (IndexOutOfBoundsException e) {
      return new Malformed("a TLS hello whose lengths do not add up");
    } catch (IllegalArgumentException e) {
      return new Malformed("a TLS hello whose server name is no ASCII text");
    }
  }

  private static ClientHello body(ByteBuf in) {
    in.skipBytes(2 + 32); // legacy version, random
    in.skipBytes(in.readUnsignedByte()); // session id
    in.skipBytes(in.readUnsignedShort()); // cipher suites
    in.skipBytes(in.readUnsignedByte()); // compression methods
    Optional<String> serverName = Optional.empty();
    List<String> alpn = List.of();
    if (in.isReadable()) {
      ByteBuf extensions = in.readSlice(in.readUnsignedShort());
      while (extensions.isReadable()) {
        int type = extensions.readUnsignedShort();
        ByteBuf data = extensions.readSlice(extensions.readUnsignedShort());
        if (type == SERVER_NAME) {
          serverName = serverName(data);
        } else if (type == ALPN) {
          alpn = protocols(data);
        }
      }
    }
    return new ClientHello(serverName, alpn);
  }

  private static Optional<String> serverName(ByteBuf data) {
    ByteBuf list = data.readSlice(data.readUnsignedShort());
    while (list.isReadable()) {
      int type = list.readUnsignedByte();
      ByteBuf name = list.readSlice(list.readUnsignedShort());
      if (type == 0 && name.isReadable() && name.readableBytes() <= MAX_NAME) {
        return Optional.of(hostName(name));
      }
    }
    return Optional.empty();
  }

  /** "HostName contains the fully qualified DNS hostname …, represented as ASCII" (RFC 6066 3). */
  private static String hostName(ByteBuf name) {
    if (name.forEachByte(b -> b > ' ' && b < 0x7f) >= 0) {
      throw new IllegalArgumentException("no ASCII text");
    }
    return name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
  }

  private static List<String> protocols(ByteBuf data) {
    ByteBuf list = data.readSlice(data.readUnsignedShort());
    List<String> protocols = new ArrayList<>();
    while (list.isReadable()) {
      protocols.add(list.readSlice(list.readUnsignedByte()).toString(StandardCharsets.ISO_8859_1));
    }
    return List.copyOf(protocols);
  }
}
