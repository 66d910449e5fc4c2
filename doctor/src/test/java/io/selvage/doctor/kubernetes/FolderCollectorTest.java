package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Doctor;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderCollectorTest {
  private static final Instant WRITTEN = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir private Path folder;

  @BeforeEach
  void aBugReport() throws IOException {
    write(
        "cluster/k8s-resources",
        """
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: v1, kind: Namespace, metadata: {name: pay}}
        - apiVersion: v1
          kind: Pod
          metadata: {name: web-1, namespace: pay, labels: {app: web}}
          spec: {containers: [{name: app}, {name: istio-proxy, args: [proxy, sidecar]}]}
          status: {phase: Running}
        - apiVersion: apps/v1
          kind: Deployment
          metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
          spec:
            selector: {matchLabels: {app: istiod}}
            template:
              metadata: {labels: {app: istiod}}
              spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "istio/pilot:1.28.1"}]}
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: "trustDomain: prod.example.com"}}
        - {apiVersion: v1, kind: Secret, metadata: {name: db, namespace: pay}, data: {password: aHVzaA==}}
        """);
    write(
        "cluster/crs",
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicyList
        items:
        - metadata: {name: deny, namespace: pay}
          spec: {}
        """);
    write("proxies/pay/web-1/config_dump", "{\"configs\": []}");
    write(
        "istio/istio-system/istiod-1/discovery.log", "2026-11-26T11:59:00.000000Z\tinfo\tready\n");
    write("analyze/analyze", "Info [IST0102] it: is no YAML\n: - {");
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.from(WRITTEN));
  }

  private ClusterEvidence read() throws IOException {
    return FolderCollector.read(folder).clusters().getFirst();
  }

  @Test
  void objectsAreThoseOfAllFilesWithoutTheirSecrets() throws IOException {
    ClusterEvidence seen = read();
    assertThat(seen.objects().find(Kind.AUTHORIZATION_POLICY, "pay", "deny")).isPresent();
    assertThat(seen.objects().all(Kind.SECRET).toString()).doesNotContain("aHVzaA==");
    assertThat(seen.flavour().found().map(Flavour::kind)).contains(Flavour.Kind.ISTIO);
    assertThat(seen.flavour().found().map(Flavour::trustDomain)).contains("prod.example.com");
    assertThat(seen.taken()).isEqualTo(WRITTEN);
    assertThat(seen.logs().found().orElseThrow()).hasSize(1);
    assertThat(seen.proxies().found().orElseThrow())
        .singleElement()
        .satisfies(proxy -> assertThat(proxy.configDump()).isInstanceOf(Look.Seen.class));
  }

  @Test
  void whatNoFileHasIsUnseen() throws IOException {
    assertThat(read().objects().look(Kind.PEER_AUTHENTICATION))
        .isEqualTo(Look.unseen("no file of the folder has peerauthentications"));
    assertThat(read().metrics()).isInstanceOf(Look.Unseen.class);
  }

  @Test
  void itIsJudgedAsFarAsItGoes() throws IOException {
    assertThat(new Doctor(Catalogue.all()).examine(FolderCollector.read(folder)).results())
        .filteredOn(result -> result.code().equals("SLV4004"))
        .extracting(Result::status)
        .containsExactly(Status.FAIL);
  }

  @Test
  void aFolderWithoutConfigMapsSaysNothingOfTheTrustDomain() throws IOException {
    Path file = folder.resolve("cluster/k8s-resources");
    String all = Files.readString(file);
    write("cluster/k8s-resources", all.replaceAll("(?m)^.*kind: ConfigMap.*\n", ""));
    assertThat(read().flavour().found().map(Flavour::trustDomain)).contains("");
    assertThat(new Doctor(Catalogue.all()).examine(FolderCollector.read(folder)).results())
        .filteredOn(result -> List.of("SLV4004", "SLV4008").contains(result.code()))
        .extracting(Result::status)
        .containsOnly(Status.UNKNOWN);
  }

  @Test
  void aFolderWithoutObjectsIsRefused() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> FolderCollector.read(empty))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no objects");
  }
}
