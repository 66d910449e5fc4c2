package io.selvage.control.kubernetes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.ca.ServingCertificate;
import io.selvage.ca.roots.CaState;
import io.selvage.ca.roots.CaStore;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.pki.CaProfile;
import io.selvage.pki.SpiffeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What comes to the port of the webhooks, well-formed or not, and the one right answer. */
class AdmissionServerTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String NAME = "selvage.istio-system.svc";
  private static final String HEAD =
      "POST /validate HTTP/1.1\r\nHost: " + NAME + "\r\nContent-Type: application/json\r\n";

  private CertificateAuthorityService authority;
  private AdmissionServer server;
  private final BlockingQueue<String> failed = new LinkedBlockingQueue<>();

  @BeforeEach
  void start() throws Exception {
    var clock = InstantSource.system();
    authority =
        CertificateAuthorityService.open(
            CertificateAuthorityService.Settings.of(new CaProfile.Istiod("t"), "t"),
            new Memory(),
            clock,
            new SecureRandom());
    var serving =
        new ServingCertificate(
            authority, SpiffeId.workload("t", "istio-system", "istiod"), List.of(NAME), clock);
    server =
        AdmissionServer.start(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
            serving,
            Map.of(
                "/validate",
                new ValidationAdmission(),
                "/fails",
                _ -> {
                  throw new IllegalStateException("a bug");
                }),
            (caller, cause) -> failed.add(caller.getPort() + " " + cause.getMessage()));
  }

  private static final class Memory implements CaStore {
    private Optional<CaState> state = Optional.empty();

    @Override
    public Optional<CaState> load() {
      return state;
    }

    @Override
    public void save(CaState fresh) {
      state = Optional.of(fresh);
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private SSLSocket connect(String... protocols) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null, new TrustManager[] {authority.bundle().hostTrustManager()}, new SecureRandom());
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.ofLiteral("127.0.0.1"), server.port());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(NAME)));
    if (protocols.length > 0) {
      parameters.setProtocols(protocols);
    }
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** All that is answered until the connection ends. */
  private String sent(String text) throws Exception {
    try (SSLSocket socket = connect()) {
      try {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return "cut off";
      }
    }
  }

  private String posted(String body) throws Exception {
    return sent(
        HEAD
            + "Connection: close\r\nContent-Length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n\r\n"
            + body);
  }

  private static String review(String operation, String kind, String object) {
    return """
    {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "u-1", "operation": "%s",
     "kind": {"group": "security.istio.io", "version": "v1", "kind": "%s"}, "namespace": "pay", "name": "p", "object": %s}}
    """
        .formatted(operation, kind, object);
  }

  private static String policy(String key, String more) {
    return """
    {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
     "metadata": {"name": "p", "managedFields": [{"manager": "x"}]%s},
     "spec": {"action": "DENY", "rules": [{"when": [{"key": "%s", "values": ["x"]}]}]}}
    """
        .formatted(more, key);
  }

  private JsonNode response(String body) throws Exception {
    String answer = posted(body);
    assertThat(answer).startsWith("HTTP/1.1 200 OK");
    JsonNode review = JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
    assertThat(review.path("apiVersion").asString()).isEqualTo("admission.k8s.io/v1");
    assertThat(review.path("kind").asString()).isEqualTo("AdmissionReview");
    assertThat(review.path("response").path("uid").asString()).isEqualTo("u-1");
    return review.path("response");
  }

  @Test
  void whoDoesNotTrustWhatIsServedIsTold() throws Exception {
    try (SSLSocket other =
        (SSLSocket)
            SSLContext.getDefault()
                .getSocketFactory()
                .createSocket(InetAddress.ofLiteral("127.0.0.1"), server.port())) {
      assertThatThrownBy(other::startHandshake).isInstanceOf(SSLHandshakeException.class);
      String told = failed.poll(10, TimeUnit.SECONDS);
      assertThat(told)
          .startsWith(other.getLocalPort() + " ")
          .endsWith("Received fatal alert: certificate_unknown");
    }
  }

  @Test
  void aGoodObjectPasses() throws Exception {
    JsonNode response =
        response(review("CREATE", "AuthorizationPolicy", policy("source.namespace", "")));
    assertThat(response.path("allowed").asBoolean()).isTrue();
    assertThat(response.has("warnings")).isFalse();
  }

  @Test
  void whatTheReaderRefusesIsRefusedInItsWords() throws Exception {
    JsonNode response =
        response(review("UPDATE", "AuthorizationPolicy", policy("source.namespase", "")));
    assertThat(response.path("allowed").asBoolean()).isFalse();
    assertThat(response.path("status").path("code").asInt()).isEqualTo(422);
    assertThat(response.path("status").path("message").asString())
        .startsWith("SLV4202 spec.rules[0].when[0].key: ")
        .endsWith("did you mean \"source.namespace\"?");
  }

  @Test
  void whatIsDeletedOrOnItsWayOutOrNoneOfOursPasses() throws Exception {
    String bad = policy("source.namespase", "");
    String leaving =
        policy("source.namespase", ", \"deletionTimestamp\": \"2026-01-01T00:00:00Z\"");
    for (String passes :
        List.of(
            review("DELETE", "AuthorizationPolicy", "null"),
            review("UPDATE", "AuthorizationPolicy", leaving)
                .replace("\"object\":", "\"oldObject\": " + leaving + ", \"object\":"),
            review("CREATE", "VirtualService", bad),
            review("UPDATE", "AuthorizationPolicy", bad)
                .replace(
                    "\"name\": \"p\", \"object\"", "\"subResource\": \"status\", \"object\""))) {
      assertThat(response(passes).path("allowed").asBoolean()).as(passes).isTrue();
    }
  }

  @Test
  void anObjectThatIsNoObjectIsRefused() throws Exception {
    for (String object : List.of("null", "[]", "\"text\"", "{}", "{\"metadata\": 7}")) {
      assertThat(
              response(review("CREATE", "AuthorizationPolicy", object)).path("allowed").asBoolean())
          .as(object)
          .isFalse();
    }
  }

  @Test
  void aReviewThatFailsRefusesTheObject() throws Exception {
    String answer =
        sent(
            HEAD.replace("/validate", "/fails")
                + "Connection: close\r\nContent-Length: "
                + review("CREATE", "X", "{}").length()
                + "\r\n\r\n"
                + review("CREATE", "X", "{}"));
    assertThat(answer)
        .startsWith("HTTP/1.1 200 OK")
        .contains("\"allowed\":false", "SLV7231")
        .doesNotContain("a bug");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"                  | no review
          7                                                                                | no AdmissionReview
          {}                                                                               | no AdmissionReview
          {"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview"}            | no AdmissionReview
          {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "kind": "x"}    | no review
          {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"} x               | no review
          {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}                 | no request with a uid
          {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {}}  | no request with a uid
          {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": 1}   | no request with a uid
          """)
  void whatIsNoReviewIsNotAnsweredAsOne(String body, String told) throws Exception {
    assertThat(posted(body)).startsWith("HTTP/1.1 400").contains(told);
  }

  @Test
  void onlyReviewsAreTaken() throws Exception {
    assertThat(sent("GET /validate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(
            sent(
                HEAD.replace("application/json", "text/plain")
                    + "Connection: close\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
    for (String path : List.of("/", "/validate/more", "/validatex", "/VALIDATE")) {
      assertThat(
              sent(
                  HEAD.replace("/validate", path)
                      + "Connection: close\r\nContent-Length: 0\r\n\r\n"))
          .as(path)
          .matches(
              answer -> answer.startsWith("HTTP/1.1 404") || answer.startsWith("HTTP/1.1 400"));
    }
  }

  @Test
  void aReviewThatIsTooLargeIsNotRead() throws Exception {
    String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
    String answer =
        sent(
            HEAD
                + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunk.repeat(100)
                + "0\r\n\r\n");
    assertThat(answer).matches(text -> text.startsWith("HTTP/1.1 413") || text.equals("cut off"));
  }

  @Test
  void whoeverTakesTooLongIsCutOff() throws Exception {
    try (SSLSocket socket = connect()) {
      socket.getOutputStream().write(HEAD.getBytes(StandardCharsets.UTF_8));
      assertThat(ended(socket)).isTrue();
    }
    try (Socket silent = new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port())) {
      silent.setSoTimeout(20_000);
      silent.getOutputStream().write(22); // a handshake's first byte
      assertThat(ended(silent)).isTrue();
    }
  }

  /** Whether the other side ends the connection before the socket's own limit. */
  private static boolean ended(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void oldTlsIsRefused() {
    assertThatThrownBy(
            () -> {
              try (SSLSocket socket = connect("TLSv1.1")) {
                socket.startHandshake();
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void aNewRootServesWithoutARestart() throws Exception {
    X509Certificate before = shown();
    authority.beginRotation();
    authority.switchSigning(Set.of());
    X509Certificate after = shown();
    assertThat(after.getIssuerX500Principal()).isNotNull();
    before.verify(authority.rotation().bundle().roots().getLast().getPublicKey());
    after.verify(authority.rotation().bundle().roots().getFirst().getPublicKey());
  }

  private X509Certificate shown() throws Exception {
    try (SSLSocket socket = connect()) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }
}
