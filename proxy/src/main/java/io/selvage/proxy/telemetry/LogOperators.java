package io.selvage.proxy.telemetry;

import io.selvage.proxy.telemetry.LogField.NumberValue;
import io.selvage.proxy.telemetry.LogField.TextValue;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The command operators that a format may use, by Envoy's names. */
final class LogOperators {
  private static final Map<String, NumberValue> NUMBERS =
      Map.ofEntries(
          number("RESPONSE_CODE", request(RequestRecord::status, 0)),
          number(
              "BYTES_RECEIVED",
              either(RequestRecord::bytesReceived, ConnectionRecord::bytesReceived)),
          number("BYTES_SENT", either(RequestRecord::bytesSent, ConnectionRecord::bytesSent)),
          number(
              "DURATION", either(RequestRecord::durationMillis, ConnectionRecord::durationMillis)),
          number("REQUEST_DURATION", request(RequestRecord::requestDurationMillis, -1)),
          number("RESPONSE_DURATION", request(RequestRecord::responseDurationMillis, -1)),
          number("GRPC_STATUS", request(RequestRecord::grpcStatus, -1)),
          number("GRPC_STATUS_NUMBER", request(RequestRecord::grpcStatus, -1)),
          number("UPSTREAM_REQUEST_ATTEMPT_COUNT", request(RequestRecord::attempts, 0)),
          number("DOWNSTREAM_REMOTE_PORT", e -> port(e.connection().remoteAddress())),
          number("DOWNSTREAM_LOCAL_PORT", e -> port(e.connection().localAddress())));

  private static final Map<String, TextValue> TEXTS =
      Map.ofEntries(
          text("PROTOCOL", e -> e.request() == null ? null : e.request().protocol()),
          text("RESPONSE_FLAGS", e -> ResponseFlag.text(flags(e))),
          text("RESPONSE_CODE_DETAILS", texts(RequestRecord::details, ConnectionRecord::details)),
          text("CONNECTION_TERMINATION_DETAILS", e -> e.connection().terminationDetails()),
          text(
              "UPSTREAM_TRANSPORT_FAILURE_REASON",
              texts(RequestRecord::transportFailure, ConnectionRecord::transportFailure)),
          text("UPSTREAM_HOST", texts(RequestRecord::upstreamHost, ConnectionRecord::upstreamHost)),
          text(
              "UPSTREAM_CLUSTER",
              texts(RequestRecord::upstreamCluster, ConnectionRecord::upstreamCluster)),
          text(
              "UPSTREAM_CLUSTER_RAW",
              texts(RequestRecord::upstreamCluster, ConnectionRecord::upstreamCluster)),
          text(
              "UPSTREAM_LOCAL_ADDRESS",
              texts(RequestRecord::upstreamLocalAddress, ConnectionRecord::upstreamLocalAddress)),
          text("DOWNSTREAM_LOCAL_ADDRESS", e -> e.connection().localText()),
          text("DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", e -> host(e.connection().localAddress())),
          text("DOWNSTREAM_REMOTE_ADDRESS", e -> e.connection().remoteText()),
          text("DOWNSTREAM_DIRECT_REMOTE_ADDRESS", e -> e.connection().remoteText()),
          text("DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", e -> host(e.connection().remoteAddress())),
          text("DOWNSTREAM_PEER_URI_SAN", e -> e.connection().peerPrincipal()),
          text("DOWNSTREAM_LOCAL_URI_SAN", e -> e.connection().localPrincipal()),
          text("DOWNSTREAM_PEER_SUBJECT", e -> e.connection().peerSubject()),
          text("DOWNSTREAM_PEER_FINGERPRINT_256", e -> e.connection().peerFingerprint()),
          text("DOWNSTREAM_TLS_VERSION", e -> e.connection().tlsVersion()),
          text("REQUESTED_SERVER_NAME", e -> e.connection().serverName()),
          text("ROUTE_NAME", e -> e.request() == null ? null : e.request().routeName()));

  private LogOperators() {}

  /**
   * The field for an operator.
   *
   * @param name such as {@code REQ}
   * @param argument what stands in parentheses, or null
   * @param limit what stands behind the colon
   * @throws LogFormatException if it is not known
   */
  static LogField of(String name, @Nullable String argument, int limit) {
    return switch (name) {
      case "START_TIME" -> new LogField.Text(StartTime.of(argument), limit);
      case "REQ" -> header(name, argument, limit, true);
      case "RESP" -> header(name, argument, limit, false);
      default -> plain(name, argument, limit);
    };
  }

  private static LogField plain(String name, @Nullable String argument, int limit) {
    if (argument != null) {
      throw new LogFormatException("%" + name + "(...)% takes no argument, or is not known");
    }
    NumberValue number = NUMBERS.get(name);
    if (number != null) {
      return new LogField.Count(number);
    }
    TextValue text = TEXTS.get(name);
    if (text == null) {
      throw unknown(name);
    }
    return new LogField.Text(text, limit);
  }

  private static LogFormatException unknown(String name) {
    List<String> known = new ArrayList<>(List.of("REQ(X)", "RESP(X)", "START_TIME"));
    known.addAll(new TreeMap<>(NUMBERS).keySet());
    known.addAll(new TreeMap<>(TEXTS).keySet());
    return new LogFormatException(
        "access log operator %" + name + "% is not known; known are " + String.join(", ", known));
  }

  /** {@code REQ(X?Y)}: header X, else header Y. */
  private static LogField header(
      String operator, @Nullable String argument, int limit, boolean ofRequest) {
    if (argument == null || argument.isBlank()) {
      throw new LogFormatException("%" + operator + "% needs a header, as in %REQ(:METHOD)%");
    }
    String[] names = argument.toLowerCase(Locale.ROOT).split("\\?", -1);
    if (names.length > 2) {
      throw new LogFormatException(
          "%" + operator + "(" + argument + ")% has more than one alternative");
    }
    String first = names[0].strip();
    String second = names.length == 2 ? names[1].strip() : first;
    return new LogField.Text(entry -> header(entry, ofRequest, first, second), limit);
  }

  private static @Nullable CharSequence header(
      LogEntry entry, boolean ofRequest, String first, String second) {
    RequestRecord request = entry.request();
    if (request == null) {
      return null;
    }
    Headers headers = ofRequest ? request.requestHeaders() : request.responseHeaders();
    CharSequence value = headers.first(first);
    return value == null ? headers.first(second) : value;
  }

  private static Entry<String, NumberValue> number(String name, NumberValue value) {
    return Map.entry(name, value);
  }

  private static Entry<String, TextValue> text(String name, TextValue value) {
    return Map.entry(name, value);
  }

  private static NumberValue request(ToLongFunction<RequestRecord> value, long otherwise) {
    return entry -> {
      RequestRecord request = entry.request();
      return request == null ? otherwise : value.applyAsLong(request);
    };
  }

  private static NumberValue either(
      ToLongFunction<RequestRecord> ofRequest, ToLongFunction<ConnectionRecord> ofConnection) {
    return entry -> {
      RequestRecord request = entry.request();
      return request == null
          ? ofConnection.applyAsLong(entry.connection())
          : ofRequest.applyAsLong(request);
    };
  }

  private static TextValue texts(
      Function<RequestRecord, @Nullable String> ofRequest,
      Function<ConnectionRecord, @Nullable String> ofConnection) {
    return entry -> {
      RequestRecord request = entry.request();
      return request == null ? ofConnection.apply(entry.connection()) : ofRequest.apply(request);
    };
  }

  private static int flags(LogEntry entry) {
    RequestRecord request = entry.request();
    return request == null ? entry.connection().flags() : request.flags();
  }

  private static @Nullable String host(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : null;
  }

  private static long port(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getPort() : -1;
  }
}
