package io.selvage.control.kubernetes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Which webhooks are ours, what is wrong with their bundles, and who wrote those. */
class WebhookConfigurationTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static JsonNode configuration(String metadata, String... clients) {
    StringBuilder webhooks = new StringBuilder();
    for (int i = 0; i < clients.length; i++) {
      webhooks.append(
          "%s{\"name\": \"w%d\", \"clientConfig\": %s}"
              .formatted(i == 0 ? "" : ",", i, clients[i]));
    }
    return JSON.readTree("{\"metadata\": %s, \"webhooks\": [%s]}".formatted(metadata, webhooks));
  }

  private static String service(String namespace, String name) {
    return "{\"service\": {\"namespace\": \"%s\", \"name\": \"%s\"}}".formatted(namespace, name);
  }

  private static Iterable<String> ours(JsonNode configuration) {
    return WebhookEntry.ours(configuration, "home").stream().map(WebhookEntry::name).toList();
  }

  @Test
  void oursAreThoseThatCallOurServiceUnderWhateverName() {
    String url = "{\"url\": \"https://x/validate\"}";
    String[] clients = {
      service("home", "selvage"), service("other", "selvage"), service("home", "istiod"), url
    };
    assertThat(ours(configuration("{\"name\": \"any\"}", clients))).containsExactly("w0");
    assertThat(ours(configuration("{\"name\": \"selvage-validator\"}", clients)))
        .containsExactly("w0", "w3");
    assertThat(
            ours(configuration("{\"name\": \"any\", \"labels\": {\"app\": \"selvage\"}}", clients)))
        .containsExactly("w0", "w3");
    assertThat(ours(JSON.readTree("{}"))).isEmpty();
  }

  private static String root(Duration life) throws Exception {
    return Pem.of(
        CaCredentials.selfSigned(
                new CaProfile.Istiod("t"), KeyAlgorithm.DEFAULT, life, NOW, new SecureRandom())
            .root());
  }

  private static Optional<String> fault(String bundle, String wanted) {
    return fault(bundle, wanted, NOW);
  }

  private static Optional<String> fault(String bundle, String wanted, Instant at) {
    return BundleFault.of(
        bundle.isEmpty() ? Optional.empty() : Optional.of(bundle.getBytes(StandardCharsets.UTF_8)),
        wanted,
        at);
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    String one = root(Duration.ofDays(10));
    String two = root(Duration.ofDays(10));
    String old = root(Duration.ofDays(1));
    assertThat(fault(one, one)).isEmpty();
    assertThat(fault("", one)).hasValue("was empty");
    assertThat(fault("no PEM", one)).isPresent();
    assertThat(fault("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n", one))
        .hasValue("was no list of PEM certificates");
    assertThat(fault(two, one)).hasValue("held another CA's certificates");
    assertThat(fault(one, one + two)).hasValue("lacked a root of this CA");
    assertThat(fault(one + two, one))
        .hasValue("held certificates that are not this CA's beside its roots");
    assertThat(fault(two + one, one + two)).hasValue("held the roots in another form");
    assertThat(fault(old, one, NOW.plus(Duration.ofDays(2))))
        .hasValue("held only certificates that have expired");
  }

  private static JsonNode managed(String... entries) {
    return JSON.readTree(
        "{\"metadata\": {\"managedFields\": [" + String.join(",", entries) + "]}}");
  }

  private static String entry(String manager, String time, String owned) {
    return """
    {"manager": "%s", "operation": "Update", "time": "%s",
     "fieldsV1": {"f:webhooks": {"k:{\\"name\\":\\"w\\"}": {"f:clientConfig": {%s}}}}}
    """
        .formatted(manager, time, owned);
  }

  @Test
  void theWriterIsWhoOwnsTheBundleElseWhoWroteLast() {
    String bundle = "\"f:caBundle\": {}";
    String early = "2026-01-01T00:00:00Z";
    String late = "2026-01-02T00:00:00Z";
    assertThat(LastWriter.of(managed(entry("a", early, bundle), entry("b", late, "")), "w", "us"))
        .hasValue("a (Update)");
    assertThat(LastWriter.of(managed(entry("a", early, ""), entry("b", late, "")), "w", "us"))
        .hasValue("b (Update)");
    assertThat(LastWriter.of(managed(entry("us", late, bundle)), "w", "us")).isEmpty();
    assertThat(LastWriter.isOnly(managed(entry("us", late, bundle)), "w", "us")).isTrue();
    assertThat(LastWriter.isOnly(managed(entry("us", late, "")), "w", "us")).isFalse();
    assertThat(
            LastWriter.isOnly(
                managed(entry("us", late, bundle), entry("a", late, bundle)), "w", "us"))
        .isFalse();
  }

  @Test
  void aQuarrelIsSlowedAndForgotten() {
    var nanos = new AtomicLong();
    var quarrels = new Quarrels<String>(nanos::get);
    for (int i = 0; i < 10; i++) {
      assertThat(quarrels.patience("a")).isZero();
      quarrels.setRight("a");
    }
    assertThat(quarrels.patience("a")).isPositive();
    assertThat(quarrels.patience("b")).isZero();
    nanos.addAndGet(Duration.ofSeconds(11).toNanos());
    assertThat(quarrels.patience("a")).isZero();
  }
}
