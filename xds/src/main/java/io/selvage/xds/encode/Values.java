package io.selvage.xds.encode;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.ExtensionConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.type.matcher.v3.ListStringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.selvage.policy.Cidr;
import io.selvage.policy.StringMatch;
import io.selvage.xds.EnvoyNames;
import java.util.List;

/** The small messages that every encoder needs. */
final class Values {
  /** "Get it from the stream that brought this." */
  static final ConfigSource ADS =
      ConfigSource.newBuilder()
          .setAds(AggregatedConfigSource.getDefaultInstance())
          .setResourceApiVersion(ApiVersion.V3)
          .build();

  /** An RBAC filter that comes on the same stream. */
  static ExtensionConfigSource discovered(Descriptors.Descriptor filter) {
    return ExtensionConfigSource.newBuilder()
        .setConfigSource(ADS)
        .addTypeUrls(EnvoyNames.typeUrl(filter.getFullName()))
        .build();
  }

  /** "Get it from the agent beside you", as istiod writes it: for secrets that it cannot have. */
  static final ConfigSource AGENT =
      ConfigSource.newBuilder()
          .setApiConfigSource(
              ApiConfigSource.newBuilder()
                  .setApiType(ApiConfigSource.ApiType.GRPC)
                  .setTransportApiVersion(ApiVersion.V3)
                  .setSetNodeOnFirstMessageOnly(true)
                  .addGrpcServices(
                      GrpcService.newBuilder()
                          .setEnvoyGrpc(
                              GrpcService.EnvoyGrpc.newBuilder()
                                  .setClusterName(EnvoyNames.SDS_CLUSTER))))
          .setInitialFetchTimeout(com.google.protobuf.Duration.getDefaultInstance())
          .setResourceApiVersion(ApiVersion.V3)
          .build();

  private Values() {}

  static Duration duration(java.time.Duration value) {
    return Duration.newBuilder().setSeconds(value.getSeconds()).setNanos(value.getNano()).build();
  }

  static UInt32Value uint32(int value) {
    return UInt32Value.of(value);
  }

  static BoolValue bool(boolean value) {
    return BoolValue.of(value);
  }

  static DataSource text(String value) {
    return DataSource.newBuilder().setInlineString(value).build();
  }

  static Address address(String address, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
        .build();
  }

  static CidrRange cidr(Cidr block) {
    return CidrRange.newBuilder()
        .setAddressPrefix(block.address().getHostAddress())
        .setPrefixLen(uint32(block.prefixLength()))
        .build();
  }

  static ListStringMatcher strings(List<StringMatch> matches) {
    ListStringMatcher.Builder list = ListStringMatcher.newBuilder();
    matches.forEach(match -> list.addPatterns(string(match)));
    return list.build();
  }

  static StringMatcher string(StringMatch match) {
    StringMatcher.Builder to = StringMatcher.newBuilder();
    return switch (match) {
      case StringMatch.Any _ -> to.setSafeRegex(regex(".*")).build();
      case StringMatch.NonEmpty _ -> to.setSafeRegex(regex(".+")).build();
      case StringMatch.Exact(String value, boolean ignoreCase) ->
          to.setExact(value).setIgnoreCase(ignoreCase).build();
      case StringMatch.Prefix(String value, boolean ignoreCase) ->
          to.setPrefix(notEmpty(value, "prefix")).setIgnoreCase(ignoreCase).build();
      case StringMatch.Suffix(String value, boolean ignoreCase) ->
          to.setSuffix(notEmpty(value, "suffix")).setIgnoreCase(ignoreCase).build();
      case StringMatch.Contains(String value, boolean ignoreCase) ->
          to.setContains(notEmpty(value, "contains")).setIgnoreCase(ignoreCase).build();
      case StringMatch.Regex regex -> to.setSafeRegex(regex(plain(regex))).build();
    };
  }

  private static RegexMatcher regex(String expression) {
    return RegexMatcher.newBuilder().setRegex(expression).build();
  }

  private static String plain(StringMatch.Regex regex) {
    if (regex.pattern().flags() != 0) {
      throw new EncodingException(
          "a regular expression with flags has no form in Envoy: " + regex.pattern().pattern());
    }
    return regex.pattern().pattern();
  }

  private static String notEmpty(String value, String kind) {
    if (value.isEmpty()) {
      throw new EncodingException("Envoy refuses an empty " + kind + "; say StringMatch.Any");
    }
    return value;
  }
}
