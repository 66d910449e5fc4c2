package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The roots of another trust domain vouch for that one alone, before our proxy and before an Envoy.
 */
@Tag("real")
class FederatedTrustTest {
  private static final String OURS = "ours";
  private static final String ENVOY = "envoy";
  private static final String OTHER = "other.mesh";

  @TempDir private static Path home;
  private static MixedMesh mesh;
  private static CertificateAuthority other;

  @BeforeAll
  static void up() throws Exception {
    var random = new SecureRandom();
    var clock = InstantSource.system();
    other =
        new CertificateAuthority(
            CaCredentials.selfSigned(
                new CaProfile.Istiod(OTHER),
                KeyAlgorithm.DEFAULT,
                Duration.ofDays(1),
                clock.instant(),
                random),
            new CaProfile.Istiod(OTHER),
            CertificateAuthority.Limits.DEFAULT,
            clock,
            random);
    mesh = new MixedMesh(home);
    try {
      Files.writeString(
          mesh.folder().resolve("mesh.yaml"),
          """
          apiVersion: v1
          kind: ConfigMap
          metadata: {name: istio, namespace: istio-system}
          data:
            mesh: |
              trustDomain: it.mesh
              trustDomainAliases: [%s]
              caCertificates:
              - trustDomains: [%s]
                pem: "%s"
          ---
          apiVersion: security.istio.io/v1
          kind: PeerAuthentication
          metadata: {name: default, namespace: istio-system}
          spec: {mtls: {mode: STRICT}}
          """
              .formatted(OTHER, OTHER, Pem.of(other.root()).replace("\n", "\\n")));
      mesh.addOurs(OURS);
      mesh.addEnvoy(ENVOY, true);
      Until.seen("ours reaches envoy", () -> status(OURS, ENVOY), "200"::equals);
      Until.seen("envoy reaches ours", () -> status(ENVOY, OURS), "200"::equals);
    } catch (Exception | AssertionError e) {
      String diagnosis = mesh.diagnosis();
      mesh.close();
      throw new AssertionError(diagnosis, e);
    }
  }

  @AfterAll
  static void down() {
    mesh.close();
  }

  private static String status(String from, String to) {
    return mesh.curl(
            from,
            Container.APPLICATION,
            to,
            List.of("-s", "-o", "/dev/null", "-w", "%{http_code}"),
            "/ip")
        .out();
  }

  /** What a client past all proxies gets with a certificate of the other CA. */
  private static Tool.Ran as(String id, String to) throws Exception {
    WorkloadCertificate held =
        other.issue(KeyAlgorithm.DEFAULT, SpiffeId.parse(id), Duration.ofHours(1));
    Path pair = Files.createTempFile(home, "client", ".pem");
    Files.writeString(pair, held.chainPem() + held.privateKeyPem());
    Files.setPosixFilePermissions(pair, PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    String from = to.equals(OURS) ? ENVOY : OURS;
    return mesh.run(
        from,
        Container.PROXY,
        List.of(
            "curl",
            "-sk",
            "-m",
            "10",
            "--http1.1",
            "--cert",
            pair.toString(),
            "-w",
            "%{http_code}",
            "-o",
            "/dev/null",
            "https://" + mesh.address(to) + ":8000/ip"));
  }

  @ParameterizedTest
  @ValueSource(strings = {OURS, ENVOY})
  void itsOwnIdentitiesAreBelieved(String to) throws Exception {
    Tool.Ran ran = as("spiffe://" + OTHER + "/ns/sample/sa/guest", to);
    assertThat(ran.out()).as("%s", ran).isEqualTo("200");
  }

  @ParameterizedTest
  @ValueSource(strings = {OURS, ENVOY})
  void thoseOfThisMeshAreNot(String to) throws Exception {
    Tool.Ran ran = as("spiffe://it.mesh/ns/sample/sa/" + OURS, to);
    assertThat(ran.out()).as("%s", ran).isEqualTo("000");
    assertThat(ran.exit()).as("%s", ran).isNotZero();
  }

  @Test
  void envoyTakesAllThatItIsSent() {
    Taken.isAll(mesh.client(ENVOY));
  }
}
