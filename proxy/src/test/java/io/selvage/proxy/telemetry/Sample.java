package io.selvage.proxy.telemetry;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/** A connection and a request as the runbook's first command makes them. */
final class Sample {
  static final long START_MILLIS = 1_606_339_578_409L;
  static final Edge EDGE =
      new Edge(
          Edge.Reporter.DESTINATION,
          Workload.ofPrincipal("spiffe://cluster.local/ns/sample/sa/sleep"),
          Workload.ofPrincipal("spiffe://cluster.local/ns/sample/sa/httpbin"),
          "httpbin.sample.svc.cluster.local",
          "httpbin",
          "sample",
          "http",
          Edge.Security.MUTUAL_TLS);

  private Sample() {}

  static ConnectionRecord connection(Optional<AccessLog> log, DenialRing ring) {
    return new ConnectionRecord(new Reporting(log, ring, "sample/httpbin"), START_MILLIS, 0)
        .addresses(
            new InetSocketAddress("10.44.1.27", 42_434), new InetSocketAddress("10.44.1.23", 80))
        .serverName("outbound_.8000_._.httpbin.sample.svc.cluster.local")
        .peer("spiffe://cluster.local/ns/sample/sa/sleep", "ab12", "")
        .tls("spiffe://cluster.local/ns/sample/sa/httpbin", "TLSv1.3");
  }

  static RequestRecord request(ConnectionRecord connection) {
    Map<String, String> headers =
        Map.of(
            ":method", "GET",
            ":path", "/status/418",
            ":authority", "httpbin:8000",
            "user-agent", "curl/8 \"quoted\"",
            "x-request-id", "d209e46f");
    return new RequestRecord(connection).begin("HTTP/1.1", headers::get, START_MILLIS, 0);
  }

  static void answer(RequestRecord request) {
    request.received(0);
    request
        .upstream("127.0.0.1:80")
        .upstreamLocalAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 41854))
        .response(
            418, name -> name.equals("x-envoy-upstream-service-time") ? "1" : null, 2_000_000);
    request.sent(135);
    request.complete(3_999_999);
  }
}
