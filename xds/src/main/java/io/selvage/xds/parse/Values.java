package io.selvage.xds.parse;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UInt32Value;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.selvage.policy.Cidr;
import io.selvage.policy.StringMatch;
import io.selvage.xds.XdsType;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Readers of the small messages. */
final class Values {
  private static final long LONGEST_SECONDS = 315_576_000_000L;
  private static final int LONGEST_REGEX = 8192;
  private static final Set<String> TYPED_STRUCTS =
      Set.of(
          XdsType.PREFIX + "udpa.type.v1.TypedStruct", XdsType.PREFIX + "xds.type.v3.TypedStruct");

  private Values() {}

  static StringMatch string(StringMatcher from, At at) {
    boolean fold = from.getIgnoreCase();
    return switch (from.getMatchPatternCase()) {
      case EXACT -> new StringMatch.Exact(from.getExact(), fold);
      case PREFIX -> new StringMatch.Prefix(filled(from.getPrefix(), at.field("prefix")), fold);
      case SUFFIX -> new StringMatch.Suffix(filled(from.getSuffix(), at.field("suffix")), fold);
      case CONTAINS ->
          new StringMatch.Contains(filled(from.getContains(), at.field("contains")), fold);
      case SAFE_REGEX -> {
        if (fold) {
          at.field("ignore_case").refuse("has no effect on a regular expression; write (?i)");
        }
        yield regex(from.getSafeRegex().getRegex(), at.field("safe_regex").field("regex"));
      }
      case CUSTOM -> {
        at.field("custom").refuse("is a string matcher of an extension, which is not understood");
        yield new StringMatch.Any();
      }
      case MATCHPATTERN_NOT_SET -> {
        at.refuse("matches against nothing: a string matcher without a pattern");
        yield new StringMatch.Any();
      }
    };
  }

  static StringMatch regex(String expression, At at) {
    if (expression.equals(".*")) {
      return new StringMatch.Any();
    }
    if (expression.equals(".+")) {
      return new StringMatch.NonEmpty();
    }
    if (expression.isEmpty() || expression.length() > LONGEST_REGEX) {
      at.refuse("is a regular expression of " + expression.length() + " characters; 1..8192");
      return new StringMatch.Any();
    }
    try {
      return new StringMatch.Regex(Pattern.compile(expression));
    } catch (PatternSyntaxException e) {
      at.refuse("is no RE2 expression: " + At.quote(String.valueOf(e.getMessage())));
      return new StringMatch.Any();
    }
  }

  static List<StringMatch> strings(List<StringMatcher> from, At at) {
    List<StringMatch> to = new ArrayList<>(from.size());
    for (int i = 0; i < from.size(); i++) {
      to.add(string(from.get(i), at.item("patterns", i)));
    }
    return List.copyOf(to);
  }

  static String filled(String value, At at) {
    if (value.isEmpty()) {
      at.refuse("is empty");
    }
    return value;
  }

  static Cidr cidr(CidrRange from, At at) {
    String prefix = from.getAddressPrefix();
    try {
      int length = from.getPrefixLen().getValue();
      if (prefix.indexOf('/') >= 0 || length < 0) {
        throw new IllegalArgumentException("no prefix and length");
      }
      return Cidr.parse(prefix + "/" + length);
    } catch (IllegalArgumentException e) {
      at.refuse("is no block of IP addresses: " + At.quote(String.valueOf(e.getMessage())));
      return new Cidr(InetAddress.getLoopbackAddress(), 0);
    }
  }

  static List<Cidr> cidrs(List<CidrRange> from, String field, At at) {
    List<Cidr> to = new ArrayList<>(from.size());
    for (int i = 0; i < from.size(); i++) {
      to.add(cidr(from.get(i), at.item(field, i)));
    }
    return List.copyOf(to);
  }

  static Duration duration(com.google.protobuf.Duration from, At at) {
    if (from.getSeconds() < 0
        || from.getSeconds() > LONGEST_SECONDS
        || from.getNanos() < 0
        || from.getNanos() > 999_999_999) {
      at.refuse("is no duration from 0 on");
      return Duration.ZERO;
    }
    return Duration.ofSeconds(from.getSeconds(), from.getNanos());
  }

  static Duration duration(
      boolean set, com.google.protobuf.Duration from, Duration otherwise, At at) {
    return set ? duration(from, at) : otherwise;
  }

  /** An unsigned number where no more than an int's worth makes a difference. */
  static int clamped(boolean set, UInt32Value from, int otherwise) {
    if (!set) {
      return otherwise;
    }
    return from.getValue() < 0 ? Integer.MAX_VALUE : from.getValue();
  }

  static String text(DataSource from, At at) {
    return switch (from.getSpecifierCase()) {
      case INLINE_STRING -> from.getInlineString();
      case INLINE_BYTES -> {
        if (!from.getInlineBytes().isValidUtf8()) {
          at.refuse("is no text");
        }
        yield from.getInlineBytes().toStringUtf8();
      }
      case FILENAME, ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET -> {
        at.refuse("must be inline");
        yield "";
      }
    };
  }

  static int port(SocketAddress from, At at) {
    if (from.getProtocol() != SocketAddress.Protocol.TCP) {
      at.field("protocol").refuse("is not TCP");
    }
    int port = from.getPortValue();
    if (port < 0 || port > 65535) {
      at.field("port_value").refuse("is no port: " + Integer.toUnsignedString(port));
      return 0;
    }
    return port;
  }

  /** The message's name in an {@code Any}, or of what is inside a TypedStruct. */
  static String typeName(Any any) {
    String url = any.getTypeUrl();
    if (TYPED_STRUCTS.contains(url)) {
      try {
        // Both kinds of TypedStruct have the same fields.
        url = com.github.xds.type.v3.TypedStruct.parseFrom(any.getValue()).getTypeUrl();
      } catch (InvalidProtocolBufferException e) {
        return "";
      }
    }
    return url.substring(url.lastIndexOf('/') + 1);
  }
}
