package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.Written;
import io.selvage.pki.TrustBundle;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The secrets of a proxy, as its {@code /config_dump} shows them ({@code
 * envoy.admin.v3.SecretsConfigDump}): certificates and roots, without keys.
 *
 * @param all those in force and those that are waited for
 */
public record ProxySecrets(List<Secret> all) {
  /** The workload's certificate, by Istio's name for it. */
  public static final String WORKLOAD = "default";

  /** The mesh's roots, by Istio's name for them. */
  public static final String ROOTS = "ROOTCA";

  /**
   * One secret.
   *
   * @param active whether the proxy has it; otherwise it waits for it
   * @param updated when it changed last; empty when the proxy does not say
   */
  public record Secret(String name, boolean active, Optional<Instant> updated, JsonNode content) {
    /** The certificates that it holds, the leaf first; or the roots. */
    public PemText pem() {
      JsonNode source =
          content.has("tls_certificate")
              ? content.at("/tls_certificate/certificate_chain")
              : content.at("/validation_context/trusted_ca");
      String encoded = source.path("inline_bytes").asString("");
      try {
        return new PemText(
            name, new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
      } catch (IllegalArgumentException notBase64) {
        return new PemText(name, "");
      }
    }
  }

  /** Of a proxy; empty when its dump was not seen, or has no secrets at all. */
  public static Optional<ProxySecrets> of(ProxyView proxy) {
    return proxy.configDump().found().map(ProxySecrets::read).filter(some -> !some.all.isEmpty());
  }

  private static ProxySecrets read(JsonNode dump) {
    List<Secret> found = new ArrayList<>();
    dump.path("configs")
        .valueStream()
        .filter(one -> one.path("@type").asString("").endsWith("SecretsConfigDump"))
        .forEach(
            one -> {
              Stream.concat(
                      one.path("dynamic_active_secrets").valueStream(),
                      one.path("static_secrets").valueStream())
                  .forEach(secret -> found.add(secret(secret, true)));
              one.path("dynamic_warming_secrets")
                  .valueStream()
                  .forEach(secret -> found.add(secret(secret, false)));
            });
    return new ProxySecrets(List.copyOf(found));
  }

  private static Secret secret(JsonNode json, boolean active) {
    return new Secret(
        json.path("name").asString(""),
        active,
        Written.instant(json.path("last_updated").asString("")),
        json.path("secret"));
  }

  /** Those that the proxy still waits for. */
  public List<Secret> warming() {
    return all.stream().filter(one -> !one.active()).toList();
  }

  /** The one in force of that name. */
  public Optional<Secret> active(String name) {
    return all.stream().filter(one -> one.active() && one.name().equals(name)).findFirst();
  }

  /** The roots that the proxy trusts; empty when the dump does not show them. */
  public Optional<TrustBundle> roots() {
    return active(ROOTS).map(one -> one.pem().bundle()).filter(bundle -> !bundle.isEmpty());
  }
}
