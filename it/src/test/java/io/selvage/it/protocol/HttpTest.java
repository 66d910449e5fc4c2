package io.selvage.it.protocol;

import static io.selvage.it.protocol.BackendMesh.CLIENT;
import static io.selvage.it.protocol.BackendMesh.HTTP;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Place;
import io.selvage.it.stage.Tool.Ran;
import io.selvage.it.stage.Until;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/1.1 and HTTP/2 through both proxies: curl, nghttp and h2load here, a blunt server there. */
@Tag("real")
class HttpTest {
  private static final int LARGE = 20_000_000;
  private static final String ONE = "http://one.backend:8080";

  @TempDir private static Path home;
  private static BackendMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    mesh = BackendMesh.up(home);
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  private static String sha256(byte[] bytes) {
    var digest = Backend.sha256();
    digest.update(bytes);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] pattern(int count) {
    var bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8));
    }
    return bytes;
  }

  private static Path upload() throws Exception {
    var bytes = new byte[LARGE];
    new Random(7).nextBytes(bytes);
    return Files.write(home.resolve("upload"), bytes);
  }

  @Test
  void aLargeUploadArrivesWhole() throws Exception {
    Path file = upload();

    Ran ran = mesh.curl("--data-binary", "@" + file, HTTP + "/sum");

    assertThat(ran.well().out()).isEqualTo(LARGE + " " + sha256(Files.readAllBytes(file)));
  }

  @Test
  void aLargeChunkedUploadArrivesWhole() throws Exception {
    Path file = upload();

    Ran ran = mesh.curl("-H", "Transfer-Encoding: chunked", "-T", file.toString(), HTTP + "/sum");

    assertThat(ran.well().out()).isEqualTo(LARGE + " " + sha256(Files.readAllBytes(file)));
  }

  @Test
  void aLargeDownloadArrivesWhole() throws Exception {
    for (String how : List.of("bytes", "chunked")) {
      Path file = home.resolve("download-" + how);
      mesh.curl("-o", file.toString(), HTTP + "/" + how + "/" + LARGE).well();
      assertThat(sha256(Files.readAllBytes(file))).as(how).isEqualTo(sha256(pattern(LARGE)));
    }
  }

  @Test
  void aClientThatExpects100ContinueIsToldToGoOn() {
    Ran ran =
        mesh.curl(
            "-v",
            "--expect100-timeout",
            "20",
            "-H",
            "Expect: 100-continue",
            "-d",
            "hello",
            HTTP + "/sum");

    assertThat(ran.well().err()).contains("< HTTP/1.1 100 Continue");
    assertThat(ran.out()).isEqualTo("5 " + sha256("hello".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aServerThatWillNotHaveTheBodySaysSoBeforeItIsSent() {
    Ran ran =
        mesh.curl(
            "-v",
            "--expect100-timeout",
            "20",
            "-w",
            "%{http_code} %{size_upload}",
            "-H",
            "Expect: 100-continue",
            "-d",
            "hello",
            HTTP + "/refuse");

    assertThat(ran.well().out()).isIn("417 0", "417 5");
  }

  @Test
  void answersWithoutBodyEndWithTheirHead() {
    Ran ran =
        mesh.curl(
            "-w",
            "%{http_code} %{size_download} %{num_connects};",
            HTTP + "/no-content",
            HTTP + "/not-modified",
            HTTP + "/no-content");

    assertThat(ran.well().out()).isEqualTo("204 0 1;304 0 0;204 0 0;");
  }

  @Test
  void aHeadRequestIsAnsweredWithTheLengthAlone() {
    Ran ran = mesh.curl("-I", HTTP + "/head", "-w", "%{size_download}", "-m", "5");

    assertThat(ran.well().out())
        .startsWith("HTTP/1.1 200 OK")
        .containsIgnoringCase("content-length: 5")
        .endsWith("\r\n\r\n0");
  }

  @Test
  void anAnswerThatEndsWithItsConnectionArrivesWhole() {
    assertThat(mesh.curl(HTTP + "/until-close").well().out()).isEqualTo("all until the end");
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrderOnOneConnection() throws Exception {
    try (var channel = mesh.connect("one.backend", 8080)) {
      Socket socket = channel.socket();
      say(
          socket,
          get("bytes/3", "Connection: keep-alive")
              + get("no-content", "Connection: keep-alive")
              + get("who", "Connection: close"));

      String all = rest(socket);

      assertThat(all.indexOf("200 OK")).isLessThan(all.indexOf("204 No Content"));
      assertThat(all.indexOf("204 No Content")).isLessThan(all.lastIndexOf("200 OK"));
      assertThat(all).endsWith("\r\n\r\none");
    }
  }

  @Test
  void trailersArriveWhereTheClientTakesThem() throws Exception {
    try (var channel = mesh.connect("one.backend", 8080)) {
      Socket socket = channel.socket();
      say(
          socket,
          Lines.of(
              "GET /trailers HTTP/1.1",
              "Host: one.backend:8080",
              "TE: trailers",
              "Connection: TE, close",
              ""));

      String all = rest(socket);

      assertThat(all).containsIgnoringCase("transfer-encoding: chunked").contains("hello");
      assertThat(all)
          .satisfiesAnyOf(
              text -> assertThat(text).containsIgnoringCase("x-sum: 42"),
              text -> assertThat(text).as("Envoy drops them by default").endsWith("0\r\n\r\n"));
    }
  }

  @Test
  void aRequestThatComesByteByByteIsServed() throws Exception {
    try (var channel = mesh.connect("one.backend", 8080)) {
      Socket socket = channel.socket();
      socket.setTcpNoDelay(true);
      String request =
          Lines.of(
              "POST /sum HTTP/1.1",
              "Host: one.backend:8080",
              "Connection: close",
              "Transfer-Encoding: chunked",
              "",
              "3",
              "abc",
              "2;x=y",
              "de",
              "0",
              "");
      for (int i = 0; i < request.length(); i++) {
        say(socket, request.substring(i, i + 1));
      }

      assertThat(rest(socket)).contains("5 " + sha256("abcde".getBytes(StandardCharsets.US_ASCII)));
    }
  }

  @Test
  void aClientThatReadsSlowlyGetsAllAndStopsNobodyElse() throws Exception {
    try (var channel = mesh.connect("one.backend", 8080)) {
      channel.socket().setReceiveBufferSize(4096);
      say(
          channel.socket(),
          "GET /bytes/%d HTTP/1.1\r\nHost: one.backend:8080\r\nConnection: close\r\n\r\n"
              .formatted(LARGE));
      // nothing is read yet: the server's bytes fill every buffer on the way
      assertThat(mesh.curl(ONE + "/who").well().out()).isEqualTo("one");

      String all = rest(channel.socket());

      byte[] body =
          all.substring(all.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.ISO_8859_1);
      assertThat(body).hasSize(LARGE);
      assertThat(sha256(body)).isEqualTo(sha256(pattern(LARGE)));
    }
  }

  @Test
  void aChangeOfPolicyEndsWhatItForbidsAndHoldsForWhatComesNext() throws Exception {
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: no-downloads, namespace: backend}
        spec:
          action: DENY
          rules: [{to: [{operation: {paths: [/bytes/*]}}]}]
        """;
    try (var download = mesh.connect("one.backend", 8080);
        var kept = mesh.connect("one.backend", 8080)) {
      say(kept.socket(), get("bytes/3", "x-first: yes"));
      InputStream next = kept.socket().getInputStream();
      assertThat(head(next)).startsWith("HTTP/1.1 200 OK");
      next.readNBytes(3);
      say(download.socket(), get("bytes/" + LARGE, "Connection: close"));
      assertThat(head(download.socket().getInputStream())).startsWith("HTTP/1.1 200 OK");

      mesh.apply("no-downloads.yaml", policy, "403", ONE + "/bytes/3");

      assertThat(rest(download.socket())).as("what was under way").hasSizeLessThan(LARGE);
      say(kept.socket(), get("bytes/3", "Connection: close"));
      assertThat(rest(kept.socket()))
          .as("the same connection's next request")
          .satisfiesAnyOf(
              answer -> assertThat(answer).startsWith("HTTP/1.1 403"),
              answer -> assertThat(answer).isEmpty());
    } finally {
      mesh.running().remove("no-downloads.yaml");
      mesh.running().untilStatus(CLIENT, "200", ONE + "/bytes/3");
    }
  }

  @Test
  void aClientThatGoesAwayMidBodyEndsTheRequestAtTheServerToo() throws Exception {
    int before = cutShort();
    try (var channel = mesh.connect("one.backend", 8080)) {
      say(
          channel.socket(),
          "POST /sum HTTP/1.1\r\nHost: one.backend:8080\r\nContent-Length: 100000\r\n\r\nstart");
      Until.holds("the request is on its way", () -> channel.isConnected());
      channel.socket().setSoLinger(true, 0);
    }

    Until.seen("the server has seen it end", HttpTest::cutShort, now -> now > before);
    assertThat(mesh.curl(ONE + "/who").well().out()).isEqualTo("one");
  }

  private static int cutShort() {
    return Integer.parseInt(mesh.curl(ONE + "/cut-short").well().out());
  }

  @Test
  void anAnswerThatTheServerBreaksOffIsBrokenOffForTheClient() {
    for (String server : List.of(ONE, "http://outside.backend:8080")) {
      for (String how : List.of("/reset", "/cut")) {
        Ran ran = mesh.curl("-m", "10", server + how);
        assertThat(ran.exit()).as("curl's status for %s: %s", how, ran).isIn(18, 56);
      }
    }
    assertThat(mesh.curl(ONE + "/who").well().out()).isEqualTo("one");
  }

  @Test
  void webSocketsAreCarriedAfterTheirUpgrade() throws Exception {
    try (var channel = mesh.connect("one.backend", 8080)) {
      Socket socket = channel.socket();
      say(
          socket,
          Lines.of(
              "GET /upgrade HTTP/1.1",
              "Host: one.backend:8080",
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
              ""));
      InputStream in = socket.getInputStream();
      String head = head(in);
      assertThat(head)
          .startsWith("HTTP/1.1 101 Switching Protocols")
          .containsIgnoringCase("upgrade: websocket");

      String bytes = "\u0081\u0003abc\r\n\r\nGET / HTTP/1.1\r\n\r\n";
      say(socket, bytes);

      assertThat(new String(in.readNBytes(bytes.length()), StandardCharsets.ISO_8859_1))
          .isEqualTo(bytes);
    }
  }

  @Test
  void bothEndpointsOfAServiceAreUsed() {
    String answers = mesh.curl(HTTP + "/who?[1-40]", "-H", "Connection: close").well().out();

    assertThat(answers).contains("one").contains("two");
  }

  @Test
  void anEndpointThatRefusesConnectionsCostsNoRequest() throws Exception {
    String gateway =
        mesh.running().exec(CLIENT, "ip", "route", "show", "default").out().split(" ", 4)[2];
    String good = mesh.running().address(BackendMesh.ONE);
    mesh.apply(
        "mixed.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: mixed, namespace: client}
        spec:
          hosts: [mixed.example.com]
          location: MESH_INTERNAL
          resolution: STATIC
          addresses: [240.240.9.9]
          ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
          endpoints: [{address: %s}, {address: %s}]
        """
            .formatted(gateway, good),
        "200",
        "http://mixed.example.com/");

    Ran ran =
        mesh.curl(
            "-o",
            "/dev/null",
            "-w",
            "%{http_code} ",
            "http://mixed.example.com/who?[1-40]",
            "-H",
            "Connection: close");

    assertThat(ran.well().out().strip().split(" ", -1)).hasSize(40).containsOnly("200");
  }

  @Test
  void nghttpAndH2loadAreServedByTheInboundSideAlone() {
    Place past = CLIENT.pastTheProxy();
    String url = "http://" + mesh.running().address(BackendMesh.ONE) + ":8080";

    Ran verbose = mesh.running().exec(past, "nghttp", "-v", url + "/who");
    assertThat(verbose.well().out()).contains(":status: 200").contains("one");

    Ran load =
        mesh.running()
            .exec(past, "h2load", "-n", "2000", "-c", "4", "-m", "10", url + "/bytes/1000");
    assertThat(load.well().out())
        .contains("2000 succeeded, 0 failed, 0 errored, 0 timeout")
        .contains("status codes: 2000 2xx");
  }

  @Test
  void curlSpeaksHttp2ThroughBothProxies() {
    Ran ran = mesh.curl("--http2-prior-knowledge", "-w", " %{http_version}", ONE + "/who");

    assertThat(ran.well().out()).isEqualTo("one 2");
    assertThat(mesh.curl("--http2-prior-knowledge", ONE + "/headers").well().out())
        .contains("URI=spiffe://it.mesh/ns/client/sa/client");
  }

  private static String get(String path, String more) {
    return Lines.of("GET /" + path + " HTTP/1.1", "Host: one.backend:8080", more, "");
  }

  private static void say(Socket socket, String text) throws Exception {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  private static String rest(Socket socket) throws Exception {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private static String head(InputStream in) throws Exception {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      assertThat(b).as("the head so far: %s", head).isNotNegative();
      head.append((char) b);
    }
    return head.toString();
  }
}
