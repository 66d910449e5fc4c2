package io.selvage.doctor.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
  /** Ways to break a cluster, in all parts of the evidence. */
  private static final List<Consumer<Fixture>> CHANGES =
      List.of(
          one -> one.unseen(Kind.SECRET),
          one -> one.unseen(Kind.AUTHORIZATION_POLICY),
          one -> one.without(Kind.CLUSTER_ROLE_BINDING, "", firstBinding(one)),
          one ->
              one.with(
                  "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name:"
                      + " nothing, namespace: pay}, spec: {}}"),
          one ->
              one.change(
                  Kind.CONFIG_MAP,
                  "sample",
                  "istio-ca-root-cert",
                  json -> json.withObject("/data").put("root-cert.pem", "")),
          one ->
              one.log(
                  Fixtures.NOW.minusSeconds(60),
                  "http: TLS handshake error from 10.0.0.1:1: remote error: tls: bad certificate"),
          one -> one.denied(right -> right.verb().equals("list")),
          one -> one.metric("citadel_server_authentication_failure_count", Map.of(), 57),
          one ->
              one.probe(
                  new ProbeOutcome(
                      ProbeOutcome.Purpose.PLAINTEXT,
                      "outside",
                      new ProbeOutcome.Target("pay", "web"),
                      8080,
                      "GET /",
                      "200",
                      Map.of())),
          one -> one.proxies = Look.unseen("no port-forward"),
          one -> one.handshake(target -> target.port() == 15017, Look.unseen("refused")));

  private static String firstBinding(Fixture one) {
    return one.cluster().objects().all(Kind.CLUSTER_ROLE_BINDING).getFirst().name();
  }

  @Provide
  Arbitrary<Set<Integer>> changes() {
    return Arbitraries.integers().between(0, CHANGES.size() - 1).set().ofMaxSize(4);
  }

  @Property(tries = 25)
  void theSameIsFoundInABundleAsLive(@ForAll("changes") Set<Integer> changes, @ForAll boolean ours)
      throws IOException {
    Fixture fixture = ours ? Fixtures.selvage() : Fixtures.istio();
    changes.forEach(number -> CHANGES.get(number).accept(fixture));
    var evidence = Fixtures.evidence(fixture, Fixtures.istio("west", fixture.authority));
    assertThat(Fixtures.diagnosis(again(evidence))).isEqualTo(Fixtures.diagnosis(evidence));
  }

  @Test
  void everyFieldComesBack() throws IOException {
    var evidence = Fixtures.pair();
    var back = again(evidence);
    assertThat(back.taken()).isEqualTo(evidence.taken());
    assertThat(back.clusters()).hasSize(2);
    for (int i = 0; i < 2; i++) {
      var before = EvidenceJson.of(evidence.clusters().get(i));
      var after = EvidenceJson.of(back.clusters().get(i));
      assertThat(after.propertyNames()).isEqualTo(before.propertyNames());
      for (String field : before.propertyNames()) {
        assertThat(after.path(field).equals(before.path(field))).as(field).isTrue();
      }
    }
    assertThat(back.clusters().getFirst().proxies())
        .isEqualTo(evidence.clusters().getFirst().proxies());
    assertThat(back.clusters().getFirst().clocks())
        .isEqualTo(evidence.clusters().getFirst().clocks());
  }

  @Test
  void onlyTheOwnerMayReadIt(@TempDir Path folder) throws IOException {
    var file = folder.resolve("bundle.zip");
    Bundle.write(Fixtures.istio().evidence(), "0.1.0", file);
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    assertThat(Bundle.read(file).clusters()).hasSize(1);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aKeyThatACollectorForgotDoesNotGoOut() throws IOException {
    var key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----\n";
    var token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl";
    var base64 = Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
    var evidence =
        Fixtures.istio()
            .with(
                """
                {apiVersion: v1, kind: Secret, metadata: {name: a, namespace: x}, data: {tls.key: %s, password: aHVudGVyMg==, config: %s}}
                """
                    .formatted(
                        base64,
                        Base64.getEncoder()
                            .encodeToString(
                                "users: [{token: abcdef}]".getBytes(StandardCharsets.UTF_8))))
            .with(
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: x}, data: {text: %s}}"
                    .formatted(base64))
            .log(Fixtures.NOW, "caller sent Authorization: Bearer s3cr3t and " + token)
            .configDump("web", dump -> dump.putObject("private_key").put("inline_string", "oops"))
            .evidence();
    var out = new ByteArrayOutputStream();
    Bundle.write(evidence, "0.1.0", out);
    var back = Bundle.read(new ByteArrayInputStream(out.toByteArray())).clusters().getFirst();
    var text = EvidenceJson.of(back).toString();
    assertThat(text)
        .doesNotContain("MIGHAgEAMBMG", base64, token, "s3cr3t", "oops", "users: [{token");
    assertThat(
            back.objects().find(Kind.SECRET, "x", "a").orElseThrow().at("/data/config").asString())
        .isEqualTo(SecretGuard.REDACTED);
    assertThat(
            back.objects()
                .find(Kind.SECRET, "istio-system", "istio-ca-secret")
                .orElseThrow()
                .at("/data/ca-cert.pem")
                .asString())
        .startsWith("LS0t");
  }

  @Test
  void whatIsNoBundleIsSaidSo() throws IOException {
    assertThatThrownBy(
            () -> Bundle.read(new ByteArrayInputStream("no zip".getBytes(StandardCharsets.UTF_8))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no bundle of the doctor");
    assertThatThrownBy(
            () -> Bundle.read(zip("{\"kind\":\"DoctorBundle\",\"form\":9,\"madeBy\":\"7.0\"}")))
        .hasMessageContaining("form 9, made by Selvage 7.0");
    assertThatThrownBy(
            () -> Bundle.read(zip("{\"kind\":\"DoctorBundle\",\"form\":1,\"clusters\":[\"a\"]}")))
        .hasMessageContaining("has 0 of its 1 clusters");
    assertThatThrownBy(() -> Bundle.read(zip("{\"kind\":"))).hasMessageContaining("damaged");
  }

  private static ByteArrayInputStream zip(String index) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("bundle.json"));
      zip.write(index.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
    return new ByteArrayInputStream(out.toByteArray());
  }

  private static Evidence again(Evidence evidence) throws IOException {
    var out = new ByteArrayOutputStream();
    Bundle.write(evidence, "0.1.0", out);
    return Bundle.read(new ByteArrayInputStream(out.toByteArray()));
  }
}
