package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.UserError;
import io.selvage.cli.workloads.WorkloadResources;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshPlanTest {

  private static final Path EXAMPLES = Path.of("..", "examples");

  @TempDir private Path folder;

  @Test
  void theMinimalExampleIsOneClusterOfTheGivenName() {
    var plan = MeshPlan.read("mine", EXAMPLES.resolve("minimal"), "here");
    assertThat(plan.clusters()).extracting(MeshPlan.Cluster::name).containsExactly("here");
    assertThat(plan.workloads())
        .extracting(WorkloadSpec::fileName)
        .containsExactly("here.default.web", "here.default.client");
    var cluster = plan.clusters().getFirst();
    assertThat(cluster.reads(cluster.folder().resolve("policy.yaml"))).isTrue();
    assertThat(cluster.reads(cluster.folder().resolve("workloads.yaml"))).isFalse();
  }

  @Test
  void theDemoIsTwoClustersThatShareTheCommonFolder() {
    var plan = MeshPlan.read("demo", EXAMPLES.resolve("demo"), "unused");
    assertThat(plan.clusters())
        .extracting(MeshPlan.Cluster::ca)
        .containsExactly("istiod", "meshca");
    var east = plan.clusters().getFirst();
    assertThat(east.reads(east.folder().resolve("common/mesh.yaml"))).isTrue();
    assertThat(east.reads(east.folder().resolve("east/x.yaml"))).isTrue();
    assertThat(east.reads(east.folder().resolve("west/x.yaml"))).isFalse();
  }

  @Test
  void aClusterMayBringItsOwnCa() throws IOException {
    Path cacerts = Files.createDirectory(folder.resolve("cacerts"));
    Files.writeString(
        folder.resolve("workloads.yaml"),
        """
        clusters: [{name: east, cacerts: cacerts}, {name: west}]
        workloads: [{name: a, cluster: east, command: [sleep, infinity]}]
        """);

    assertThat(MeshPlan.read("own", folder, "unused").clusters())
        .extracting(MeshPlan.Cluster::cacerts)
        .containsExactly(Optional.of(cacerts), Optional.empty());
  }

  @Test
  void aCaThatIsNotThereIsRefusedWithItsPlace() throws IOException {
    Files.writeString(
        folder.resolve("workloads.yaml"),
        """
        clusters:
        - {name: east, cacerts: nowhere}
        workloads: [{name: a, command: [sleep, infinity]}]
        """);

    assertThatThrownBy(() -> MeshPlan.read("own", folder, "unused"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("workloads.yaml:2")
        .hasMessageContaining("cacerts")
        .hasMessageContaining("root-cert.pem");
  }

  @Test
  void aServiceThatNoYamlDefinesIsMadeOnce() {
    var plan = MeshPlan.read("demo", EXAMPLES.resolve("demo"), "unused");
    var made = WorkloadResources.missing(plan.workloads(), MeshSnapshot.EMPTY);
    assertThat(made)
        .extracting(r -> r.meta().qualifiedName())
        .containsExactly("sample/httpbin", "authz-ns/httpbin");
    assertThat(((Service) made.getFirst()).ports().getFirst().targetPortNumber()).hasValue(8000);
    assertThat(WorkloadResources.missing(plan.workloads(), MeshSnapshot.of(1, made, List.of())))
        .isEmpty();
  }

  @Test
  void aServiceSelectsByTheLabelsThatAllOfItsWorkloadsHave() throws IOException {
    Files.writeString(
        folder.resolve("workloads.yaml"),
        """
        workloads:
        - {name: a, command: x, service: web, labels: {app: web, version: v1}}
        - {name: b, command: x, service: web, labels: {app: web, version: v2}}
        """);
    var plan = MeshPlan.read("m", folder, "c");
    assertThat(WorkloadResources.missing(plan.workloads(), MeshSnapshot.EMPTY))
        .singleElement()
        .isInstanceOfSatisfying(
            Service.class, web -> assertThat(web.selector()).isEqualTo(Map.of("app", "web")));
  }

  @Test
  void aMissingFileSaysWhatOneLooksLike() {
    assertThatThrownBy(() -> MeshPlan.read("m", folder, "c"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("examples/minimal/workloads.yaml");
  }

  @Test
  void aBadFileIsShownWithEveryMistake() throws IOException {
    Files.writeString(folder.resolve("workloads.yaml"), "workloads:\n- nme: x\n  command: y\n");
    assertThatThrownBy(() -> MeshPlan.read("m", folder, "c"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("selvage explain SLV0010")
        .hasMessageContaining("workloads.yaml:2: workloads[0].nme: is not a field here");
  }
}
