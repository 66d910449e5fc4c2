package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class FlavourFinderTest {
  private final Map<Kind, List<ApiObject>> objects = new EnumMap<>(Kind.class);

  FlavourFinderTest() {
    objects.put(Kind.DEPLOYMENT, new ArrayList<>());
  }

  private void add(Kind kind, String json) {
    objects
        .computeIfAbsent(kind, _ -> new ArrayList<>())
        .add(new ApiObject((ObjectNode) JsonMapper.shared().readTree(json)));
  }

  private Flavour found() {
    Map<Kind, Look<List<ApiObject>>> seen = new EnumMap<>(Kind.class);
    objects.forEach((kind, all) -> seen.put(kind, Look.seen(all)));
    return new FlavourFinder(new Objects(seen)).find().found().orElseThrow();
  }

  private void istiod(String name, String revision, String image) {
    add(
        Kind.DEPLOYMENT,
        """
        {"metadata": {"name": "%1$s", "namespace": "istio-system", "labels": {"istio.io/rev": "%2$s"}},
         "spec": {"selector": {"matchLabels": {"app": "istiod", "istio.io/rev": "%2$s"}},
          "template": {"metadata": {"labels": {"app": "istiod", "istio.io/rev": "%2$s"}},
           "spec": {"serviceAccountName": "%1$s", "containers": [{"image": "%3$s", "args": ["discovery"]}]}}}}
        """
            .formatted(name, revision, image));
    add(
        Kind.SERVICE,
        """
        {"metadata": {"name": "%1$s", "namespace": "istio-system"},
         "spec": {"selector": {"app": "istiod", "istio.io/rev": "%2$s"}, "ports": [{"port": 15012}]}}
        """
            .formatted(name, revision));
  }

  @Test
  void anIstioOfTwoRevisionsIsFoundWithWhatEachRunsAs() {
    istiod("istiod", "default", "docker.io/istio/pilot:1.27.3");
    istiod("istiod-1-28", "1-28", "docker.io/istio/pilot:1.28.1@sha256:0f");
    Flavour flavour = found();
    assertThat(flavour.kind()).isEqualTo(Flavour.Kind.ISTIO);
    assertThat(flavour.version()).isEqualTo("1.27.3");
    assertThat(flavour.namespace()).isEqualTo("istio-system");
    assertThat(flavour.revisions())
        .containsExactly(
            new Flavour.Revision("default", "istiod", "istiod", Optional.of("istiod")),
            new Flavour.Revision("1-28", "istiod-1-28", "istiod-1-28", Optional.of("istiod-1-28")));
  }

  @Test
  void anAnthosServiceMeshIsKnownByItsImage() {
    istiod("istiod-asm-1232", "asm-1232", "gcr.io/gke-release/asm/pilot:1.23.2-asm.1");
    assertThat(found().kind()).isEqualTo(Flavour.Kind.ASM);
  }

  @Test
  void aManagedOneHasNoDeploymentHere() {
    add(
        Kind.MUTATING_WEBHOOK,
        """
        {"metadata": {"name": "istiod-asm-managed", "labels": {"istio.io/rev": "asm-managed"}},
         "webhooks": [{"name": "rev.namespace.sidecar-injector.istio.io"}]}
        """);
    Flavour flavour = found();
    assertThat(flavour.kind()).isEqualTo(Flavour.Kind.ASM_MANAGED);
    assertThat(flavour.revisions())
        .containsExactly(new Flavour.Revision("asm-managed", "", "istiod", Optional.empty()));
  }

  @Test
  void anIstiodElsewhereIsFoundByTheServiceThatLeadsToIt() {
    add(
        Kind.SERVICE,
        """
        {"metadata": {"name": "istiod", "namespace": "istio-system"}, "spec": {"ports": [{"port": 15012}]}}
        """);
    assertThat(found().kind()).isEqualTo(Flavour.Kind.ISTIO);
    assertThat(found().revisions().getFirst().deployment()).isEmpty();
  }

  @Test
  void selvageIsKnownAndSaysItsVersionInALabel() {
    add(
        Kind.DEPLOYMENT,
        """
        {"metadata": {"name": "selvage", "namespace": "istio-system", "labels": {"app.kubernetes.io/version": "0.1.0"}},
         "spec": {"template": {"metadata": {"labels": {"app": "selvage"}},
          "spec": {"serviceAccountName": "selvage", "containers": [{"image": "localhost/selvage:it", "args": ["control"]}]}}}}
        """);
    Flavour flavour = found();
    assertThat(flavour.kind()).isEqualTo(Flavour.Kind.SELVAGE);
    assertThat(flavour.version()).isEqualTo("0.1.0");
    assertThat(flavour.revisions().getFirst().name()).isEqualTo("default");
  }

  @Test
  void withoutAnyThereIsNone() {
    assertThat(found().kind()).isEqualTo(Flavour.Kind.NONE);
    assertThat(found().revisions()).isEmpty();
  }

  @Test
  void withoutSightOfDeploymentsNothingIsSaid() {
    assertThat(new FlavourFinder(new Objects(Map.of())).find()).isInstanceOf(Look.Unseen.class);
  }

  @Test
  void theTrustDomainIsTheSettingsOfTheRevisionElseIstiosOwn() {
    istiod("istiod-1-28", "1-28", "istio/pilot:1.28.1");
    ApiObject other = settings("istio", "trustDomain: old.mesh");
    ApiObject own = settings("istio-1-28", "trustDomain: new.mesh\\nrootNamespace: istio-system");
    assertThat(trustDomain(Look.seen(List.of(other, own)))).isEqualTo("new.mesh");
    assertThat(trustDomain(Look.seen(List.of()))).isEqualTo("cluster.local");
    assertThat(trustDomain(Look.seen(List.of(settings("istio", ": {")))))
        .isEqualTo("cluster.local");
    assertThat(trustDomain(Look.unseen("no right"))).as("anything").isEmpty();
  }

  private String trustDomain(Look<List<ApiObject>> maps) {
    return MeshSettings.completed(found(), maps).trustDomain();
  }

  private static ApiObject settings(String name, String mesh) {
    return new ApiObject(
        (ObjectNode)
            JsonMapper.shared()
                .readTree(
                    """
                    {"metadata": {"name": "%s", "namespace": "istio-system"}, "data": {"mesh": "%s"}}
                    """
                        .formatted(name, mesh)));
  }
}
