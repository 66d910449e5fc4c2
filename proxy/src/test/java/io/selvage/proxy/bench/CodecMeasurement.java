package io.selvage.proxy.bench;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.util.ReferenceCountUtil;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeadWriter;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.HopByHop;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.PathNormalizer;
import io.selvage.proxy.http1.RequestHeadParser;
import io.selvage.proxy.jwt.Http1JwtRequest;
import io.selvage.proxy.jwt.JwtAuthentication;
import io.selvage.proxy.jwt.JwtOutcome;
import io.selvage.proxy.telemetry.AccessLog;
import io.selvage.proxy.telemetry.ConnectionRecord;
import io.selvage.proxy.telemetry.DenialRing;
import io.selvage.proxy.telemetry.Edge;
import io.selvage.proxy.telemetry.EdgeMetrics;
import io.selvage.proxy.telemetry.MeshMetrics;
import io.selvage.proxy.telemetry.Reporting;
import io.selvage.proxy.telemetry.RequestRecord;
import io.selvage.proxy.telemetry.TextFormat;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.xds.resource.HttpFilter;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;

/** CPU nanoseconds for the steps of one request; medians of rounds, one thread. */
public final class CodecMeasurement {
  private static final String SMALL =
      "GET /bytes/256 HTTP/1.1\r\nHost: httpbin.sample:8000\r\n\r\n";
  private static final String BROWSER =
      String.join(
              "\r\n",
              "GET /anything/some/path?with=a&longer=query HTTP/1.1",
              "Host: httpbin.sample.svc.cluster.local:8000",
              "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
              "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
              "Accept-Language: en-US,en;q=0.5",
              "Accept-Encoding: gzip, deflate, br",
              "X-Request-Id: 5c6cbb1e-1f0a-4f7e-9a3c-0d3a9f6c7b11",
              "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
              "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark",
              "Cache-Control: no-cache",
              "X-Forwarded-Proto: http")
          + "\r\n\r\n";
  private static final HeaderLine XFCC =
      HeaderLine.of(
          "x-forwarded-client-cert",
          "By=spiffe://cluster.local/ns/sample/sa/httpbin;Hash="
              + "ab".repeat(32)
              + ";Subject=\"\";URI=spiffe://cluster.local/ns/sample/sa/sleep");
  private static final HeaderLine PROTO = HeaderLine.of("x-forwarded-proto", "https");

  private CodecMeasurement() {}

  /** Runs all. */
  public static void main(String[] arguments) throws Exception {
    for (String wire : List.of(SMALL, BROWSER)) {
      byte[] bytes = wire.getBytes(StandardCharsets.US_ASCII);
      String size = " (" + bytes.length + " bytes)";
      report("selvage: parse, strip, normalise, 2 headers, write" + size, selvage(bytes));
      report("netty: decode, 2 headers, encode, EmbeddedChannel" + size, netty(bytes));
    }
    report("jwt: a token that was seen before", jwt());
    report("telemetry: record + metrics", telemetry(false));
    report("telemetry: record + metrics + a line in Istio's format", telemetry(true));
  }

  private static void report(String name, IntSupplier step) {
    int sink = 0;
    double[] rounds = new double[15];
    int repetitions = 100_000;
    for (int round = -10; round < rounds.length; round++) {
      long start = cpu();
      for (int i = 0; i < repetitions; i++) {
        sink += step.getAsInt();
      }
      if (round >= 0) {
        rounds[round] = (cpu() - start) / (double) repetitions;
      }
    }
    Arrays.sort(rounds);
    System.out.printf(
        "%-70s %8.0f ns (min %.0f, max %.0f) %s%n",
        name, rounds[7], rounds[0], rounds[14], sink == 42 ? "!" : "");
  }

  /** Time of this thread on a core, which other load on the machine doesn't add to. */
  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static IntSupplier selvage(byte[] wire) {
    PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    ByteBuf in = allocator.directBuffer(4096).writeBytes(wire);
    ByteBuf out = allocator.directBuffer(4096);
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    return () -> {
      in.readerIndex(0);
      out.clear();
      parser.parse(in);
      HeadBuffer head = parser.head();
      HopByHop.strip(head, false);
      head.normalisePath(PathNormalizer.BASE);
      head.set(XFCC);
      head.set(PROTO);
      HeadWriter.writeRequest(head, out);
      parser.next();
      return out.readableBytes();
    };
  }

  private static IntSupplier netty(byte[] wire) {
    EmbeddedChannel decoder = new EmbeddedChannel(new HttpRequestDecoder());
    EmbeddedChannel encoder = new EmbeddedChannel(new HttpRequestEncoder());
    ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer(4096).writeBytes(wire);
    return () -> {
      decoder.writeInbound(in.retainedDuplicate());
      int size = 0;
      Object part;
      while ((part = decoder.readInbound()) != null) {
        if (part instanceof HttpRequest request) {
          request.headers().remove("connection");
          request.headers().set("x-forwarded-client-cert", XFCC.value());
          request.headers().set("x-forwarded-proto", "https");
        }
        encoder.writeOutbound(part);
      }
      while ((part = encoder.readOutbound()) != null) {
        size += ((ByteBuf) part).readableBytes();
        ReferenceCountUtil.release(part);
      }
      return size;
    };
  }

  private static IntSupplier jwt() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("k").generate();
    JWSObject token =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k").build(),
            new Payload("{\"iss\":\"i\",\"sub\":\"s\",\"scope\":\"a b\",\"exp\":99999999999}"));
    token.sign(new RSASSASigner(key));
    HttpFilter.Provider provider =
        new HttpFilter.Provider(
            "p",
            "i",
            List.of(),
            new JWKSet(key).toString(),
            List.of(),
            List.of(),
            List.of(),
            true,
            Optional.empty(),
            Map.of(),
            List.of(),
            Duration.ofSeconds(60));
    JwtAuthentication rules =
        JwtAuthentication.compile(
            new HttpFilter.JwtAuthentication(List.of(provider), true), InstantSource.system());
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    String wire =
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token.serialize() + "\r\n\r\n";
    parser.parse(
        PooledByteBufAllocator.DEFAULT
            .directBuffer(4096)
            .writeBytes(wire.getBytes(StandardCharsets.US_ASCII)));
    Http1JwtRequest request = new Http1JwtRequest(parser.head(), "https");
    return () -> rules.authenticate(request) instanceof JwtOutcome.Valid ? 1 : 42;
  }

  private static IntSupplier telemetry(boolean withLog) {
    MeshMetrics metrics = new MeshMetrics(new PrometheusRegistry());
    EdgeMetrics edge =
        metrics.edge(
            new Edge(
                Edge.Reporter.DESTINATION,
                Workload.UNKNOWN,
                Workload.UNKNOWN,
                "s",
                "s",
                "n",
                "http",
                Edge.Security.MUTUAL_TLS));
    int[] written = {0};
    AccessLog log = new AccessLog(TextFormat.istioDefault(), line -> written[0] += line.length);
    Reporting reporting =
        new Reporting(withLog ? Optional.of(log) : Optional.empty(), new DenialRing(8), "n/w");
    ConnectionRecord connection =
        new ConnectionRecord(reporting, 0, 0)
            .addresses(
                new InetSocketAddress("10.0.0.1", 1234), new InetSocketAddress("10.0.0.2", 80));
    RequestRecord request = new RequestRecord(connection);
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    parser.parse(
        PooledByteBufAllocator.DEFAULT
            .directBuffer(4096)
            .writeBytes(BROWSER.getBytes(StandardCharsets.US_ASCII)));
    HeadBuffer head = parser.head();
    long[] now = {0};
    return () -> {
      now[0] += 1_000_000;
      request.begin("HTTP/1.1", name -> head.header(name, 0), now[0] / 1_000_000, now[0]);
      request.route("default", "inbound|80||", edge).upstream("127.0.0.1:80");
      request.response(200, name -> null, now[0] + 1000);
      request.sent(256);
      request.complete(now[0] + 2_000);
      return written[0];
    };
  }
}
