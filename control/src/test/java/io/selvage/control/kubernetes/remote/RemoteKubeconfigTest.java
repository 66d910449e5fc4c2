package io.selvage.control.kubernetes.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.selvage.control.trust.FreshRoot;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.SpiffeId;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteKubeconfigTest {
  private static final KubernetesSerialization BY = new KubernetesSerialization();

  private static String config(String cluster, String user) {
    return """
    apiVersion: v1
    kind: Config
    current-context: west
    clusters: [{name: west, cluster: {%s}}]
    users: [{name: west, user: {%s}}]
    contexts: [{name: west, context: {cluster: west, user: west}}]
    """
        .formatted(cluster, user);
  }

  @Test
  void aTokenAndAnAuthorityAreAll() throws Exception {
    String authority = encoded(Pem.of(FreshRoot.bundle().roots()));
    var read =
        RemoteKubeconfig.read(
            config(
                "server: 'https://west:6443', certificate-authority-data: " + authority,
                "token: abc"),
            BY);
    assertThat(read.getMasterUrl()).startsWith("https://west:6443");
    assertThat(read.getOauthToken()).isEqualTo("abc");
    assertThat(read.getCaCertData()).isEqualTo(authority);
    assertThat(read.isTrustCerts()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server: 'https://w'  | exec: {command: touch, apiVersion: a}   | exec
          server: 'https://w'  | tokenFile: /var/run/token               | tokenFile
          server: 'https://w'  | client-certificate: /a                  | client-certificate
          server: 'https://w'  | client-key: /a                          | client-key
          server: 'https://w'  | auth-provider: {name: gcp}              | auth-provider
          server: 'https://w'  | as: admin                               | impersonation
          server: 'http://w'   | token: abc                              | no https
          server: 'https://w', insecure-skip-tls-verify: true | token: abc | insecure-skip-tls-verify
          server: 'https://w', certificate-authority: /a | token: abc | certificate-authority
          server: 'https://w', proxy-url: 'http://p' | token: abc | proxy-url
          """)
  void whatWouldActOnThisSideIsRefused(String cluster, String user, String named) {
    assertThatThrownBy(() -> RemoteKubeconfig.read(config(cluster, user), BY))
        .isInstanceOf(RemoteKubeconfig.Refused.class)
        .hasMessageContaining(named);
  }

  /** A placeholder is found here, and not where the client is made: others would wait for it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "client-certificate-data: UkVQTEFDRV9NRQ==, client-key-data: UkVQTEFDRV9NRQ==",
        "client-certificate-data: REPLACE_ME, client-key-data: REPLACE_ME"
      })
  void credentialsThatAreNoneAreRefused(String user) {
    assertThatThrownBy(() -> RemoteKubeconfig.read(config("server: 'https://w'", user), BY))
        .isInstanceOf(RemoteKubeconfig.Refused.class)
        .hasMessageContaining("cannot be read")
        .hasMessageNotContainingAny("REPLACE", "UkVQ");
  }

  /** As k3s and RKE2 give them. */
  @Test
  void aKeyOnAnEllipticCurveIsTaken() throws Exception {
    var random = new SecureRandom();
    var own =
        new CertificateAuthority(
                CaCredentials.selfSigned(
                    new CaProfile.Istiod("it.mesh"),
                    KeyAlgorithm.DEFAULT,
                    Duration.ofDays(1),
                    Instant.parse("2026-01-01T00:00:00Z"),
                    random),
                new CaProfile.Istiod("it.mesh"),
                CertificateAuthority.Limits.DEFAULT,
                InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
                random)
            .issue(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload("it.mesh", "ns", "reader"),
                Duration.ofHours(1));
    var read =
        RemoteKubeconfig.read(
            config(
                "server: 'https://w'",
                "client-certificate-data: %s, client-key-data: %s"
                    .formatted(encoded(own.chainPem()), encoded(own.privateKeyPem()))),
            BY);
    assertThat(read.getClientKeyAlgo()).isEqualTo("EC");
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void nothingOfWhatIsWrittenGetsIntoAReason() {
    for (String text :
        new String[] {"token: s3cret: [", "- s3cret", "", "{}", "{current-context: s3cret}"}) {
      assertThatThrownBy(() -> RemoteKubeconfig.read(text, BY))
          .isInstanceOf(RemoteKubeconfig.Refused.class)
          .satisfies(
              refused ->
                  assertThat(
                          String.valueOf(refused.getMessage()).replace("no context \"s3cret\"", ""))
                      .doesNotContain("s3cret"));
    }
  }
}
