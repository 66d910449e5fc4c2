package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Tool;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * h2spec, which sends each of RFC 7540's and RFC 7541's violations, against our proxy and against
 * an Envoy: every case passes, or stands below with the reason.
 */
@Tag("real")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class H2specTest {
  /** It waits a second for each answer that does not come. */
  private static final int LIMIT_SECONDS = 200;

  @TempDir private static Path home;
  private static TwoListeners listeners;
  private static ExecutorService threads;
  private static Both plaintext;
  private static Both tls;

  /** By {@code section: title}: what we answer in another way than h2spec expects, and why. */
  private static final Map<String, String> EXCEPTIONS =
      Map.of(
          "http2/5.1: half closed (remote): Sends a HEADERS frame",
          "the stream is reset, with PROTOCOL_ERROR: that a second head stands where only trailers"
              + " may is seen before the stream's state is",
          "http2/5.1: closed: Sends a HEADERS frame",
          "the stream is reset with STREAM_CLOSED; by RFC 9113 5.1 the connection may end, by RFC"
              + " 7540, which h2spec follows, it had to",
          "http2/5.1.1: Sends stream identifier that is numerically smaller than previous",
          "the stream is reset and its request not served; the codec does not tell an identifier"
              + " that was left out from one that was closed");

  /** On a port for both versions what is no preface is HTTP/1.1: answered 400, then closed. */
  private static final String NO_PREFACE = "http2/3.5: Sends invalid connection preface";

  @BeforeAll
  static void up() throws Exception {
    listeners = TwoListeners.start(home);
    // nearly all of their time is waiting, so all wait together
    threads = Executors.newVirtualThreadPerTaskExecutor();
    plaintext =
        Both.start(
            "plaintext", listeners.ours().plaintext(), listeners.envoys().plaintext(), List.of());
    tls =
        Both.start(
            "tls",
            listeners.ours().tls(),
            listeners.envoys().tls(),
            List.of("--tls", "--insecure"));
  }

  @AfterAll
  static void down() {
    threads.shutdownNow();
    listeners.close();
  }

  /** What they find wrong with ours and with Envoy. */
  private record Both(
      String name, Future<Map<String, String>> ours, Future<Map<String, String>> envoys) {
    static Both start(String name, int ours, int envoys, List<String> options) {
      return new Both(
          name,
          threads.submit(() -> run(name + "-ours", ours, options)),
          threads.submit(() -> run(name + "-envoy", envoys, options)));
    }
  }

  @Test
  void plaintext() throws Exception {
    var exceptions = new HashSet<>(EXCEPTIONS.keySet());
    exceptions.add(NO_PREFACE);
    compare(plaintext, exceptions);
  }

  @Test
  void overTls() throws Exception {
    compare(tls, EXCEPTIONS.keySet());
  }

  private static void compare(Both found, Set<String> exceptions) throws Exception {
    Map<String, String> own = found.ours().get();
    System.out.printf(
        "h2spec, %s: %d cases, we fail %s, Envoy %s%n",
        found.name(), own.size(), failed(own), failed(found.envoys().get()));
    assertThat(own).hasSizeGreaterThan(140);
    assertThat(failed(own)).isSubsetOf(exceptions);
  }

  private static List<String> failed(Map<String, String> results) {
    return results.entrySet().stream()
        .filter(each -> !each.getValue().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** What went wrong, empty for nothing, by {@code section: title}. */
  private static Map<String, String> run(String name, int port, List<String> options)
      throws Exception {
    Path report = home.resolve(name + ".xml");
    var line = new ArrayList<>(List.of(Tool.peer("h2spec").toString()));
    line.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port)));
    line.addAll(List.of("--strict", "--timeout", "1", "--junit-report", report.toString()));
    line.addAll(options);
    Process process =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve(name + ".log").toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("h2spec ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.exists(report)).as(Files.readString(home.resolve(name + ".log"))).isTrue();
    var results = new TreeMap<String, String>();
    NodeList cases =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(text(report))))
            .getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      var one = (Element) cases.item(i);
      String title = one.getAttribute("package") + ": " + one.getAttribute("classname");
      results.put(title, problem(one));
    }
    return results;
  }

  /** The report; h2spec quotes what it has sent, whose bytes XML may not have. */
  private static String text(Path report) throws IOException {
    return Files.readString(report).replaceAll("[\\p{Cntrl}&&[^\n\r\t]]", "?");
  }

  private static String problem(Element one) {
    for (String kind : List.of("failure", "error", "skipped")) {
      NodeList found = one.getElementsByTagName(kind);
      if (found.getLength() > 0) {
        return kind + ": " + found.item(0).getTextContent().strip();
      }
    }
    return "";
  }
}
