package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an auditor's scanner (sslyze) finds at our TLS port: no version below 1.2, none but Istio's
 * cipher suites, none of the known holes, and nothing that an Envoy refuses.
 */
@Tag("real")
class TlsScanTest {
  private static final List<String> OLD = List.of("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1");

  @TempDir private static Path home;

  @Test
  void nothingIsFound() throws Exception {
    try (var listeners = TwoListeners.start(home)) {
      JsonNode ours = scan(listeners.ours().tls());
      JsonNode envoys = scan(listeners.envoys().tls());
      for (String version : OLD) {
        assertThat(suites(ours, version)).as(version).isEmpty();
      }
      assertThat(suites(ours, "tls_1_2"))
          .isNotEmpty()
          .allMatch(
              suite -> suite.startsWith("TLS_ECDHE_ECDSA_WITH_AES_") && suite.contains("_GCM_"))
          .isSubsetOf(suites(envoys, "tls_1_2"));
      assertThat(suites(ours, "tls_1_3")).isNotEmpty().isSubsetOf(suites(envoys, "tls_1_3"));
      assertThat(found(ours, "heartbleed", "is_vulnerable_to_heartbleed")).isEqualTo("false");
      assertThat(found(ours, "openssl_ccs_injection", "is_vulnerable_to_ccs_injection"))
          .isEqualTo("false");
      assertThat(found(ours, "robot", "robot_result")).startsWith("NOT_VULNERABLE");
      assertThat(found(ours, "tls_compression", "supports_compression")).isEqualTo("false");
      assertThat(found(ours, "tls_1_3_early_data", "supports_early_data")).isEqualTo("false");
      assertThat(found(ours, "session_renegotiation", "is_vulnerable_to_client_renegotiation_dos"))
          .isEqualTo("false");
    }
  }

  /** What the scanner says, {@code scan_result}. */
  private static JsonNode scan(int port) throws Exception {
    Path report = home.resolve(port + ".json");
    var line = new ArrayList<>(List.of(Tool.peer("sslyze").toString()));
    line.addAll(
        List.of(
            "--mozilla_config=disable",
            "--sslv2",
            "--sslv3",
            "--tlsv1",
            "--tlsv1_1",
            "--tlsv1_2",
            "--tlsv1_3",
            "--heartbleed",
            "--openssl_ccs",
            "--robot",
            "--compression",
            "--early_data",
            "--reneg",
            "--json_out",
            report.toString(),
            "127.0.0.1:" + port));
    Tool.Ran ran = Tool.run(Map.of(), line);
    assertThat(Files.exists(report)).as("%s", ran).isTrue();
    JsonNode result =
        JsonMapper.shared()
            .readTree(Files.readString(report))
            .path("server_scan_results")
            .path(0)
            .path("scan_result");
    assertThat(result.isObject()).as("%s", ran).isTrue();
    return result;
  }

  private static List<String> suites(JsonNode scan, String version) {
    JsonNode result = scan.path(version + "_cipher_suites").path("result");
    assertThat(result.isObject()).as("%s was scanned: %s", version, scan).isTrue();
    return result.path("accepted_cipher_suites").values().stream()
        .map(suite -> suite.path("cipher_suite").path("name").asString())
        .toList();
  }

  private static String found(JsonNode scan, String check, String field) {
    return scan.path(check).path("result").path(field).asString("not checked: " + scan.path(check));
  }
}
