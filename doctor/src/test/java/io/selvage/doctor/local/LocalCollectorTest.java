package io.selvage.doctor.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class LocalCollectorTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Map<String, String> pages = new HashMap<>();
  private final Map<String, String> files = new HashMap<>();

  LocalCollectorTest() {
    pages.put("/status", "{\"cluster\": \"east\", \"trustDomain\": \"it.mesh\"}");
    pages.put(
        "/debug/configz",
        """
        [{"kind": "AuthorizationPolicy", "namespace": "sample", "name": "deny", "at": "mesh/deny.yaml:1"},
         {"kind": "Service", "namespace": "sample", "name": "web", "at": "workloads.yaml"},
         {"kind": "MeshConfig", "namespace": "", "name": "istio", "at": "mesh/mesh.yaml:1"},
         {"kind": "WorkloadEntry", "namespace": "sample", "name": "web", "at": "mesh/deny.yaml:6"}]
        """);
    pages.put("/debug/syncz", "[{\"proxy\": \"sidecar~10.0.0.1~web.sample~x\"}]");
    pages.put("web/config_dump?include_eds", "{\"configs\": []}");
    pages.put(
        "figures",
        """
        istio_requests_total{reporter="destination",destination_workload="web",\
        destination_workload_namespace="sample",connection_security_policy="mutual_tls"} 3
        istio_requests_total{reporter="destination",destination_workload="other",\
        destination_workload_namespace="sample",connection_security_policy="none"} 4
        """);
    pages.put(
        "implied",
        """
        [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "sample"}},
         {"apiVersion": "v1", "kind": "ConfigMap",
          "metadata": {"name": "istio-ca-root-cert", "namespace": "istio-system"}}]
        """);
    pages.put("/metrics", "pilot_xds 1\n");
    files.put(
        "mesh/mesh.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data: {mesh: "trustDomain: it.mesh"}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: other, namespace: istio-system}
        """);
    files.put(
        "mesh/deny.yaml",
        """
        kind: AuthorizationPolicy
        metadata: {name: deny, namespace: sample}
        spec: {}
        ---
        kind: WorkloadEntry
        metadata: {name: web, namespace: sample}
        spec: {address: 10.0.0.1, labels: {app: web}}
        ---
        kind: AuthorizationPolicy
        metadata: {name: refused, namespace: sample}
        spec: {action: WHAT}
        """);
  }

  private final class Fake implements LocalMesh {
    @Override
    public List<Cluster> clusters() {
      return List.of(
          new Cluster(
              "east",
              "http://127.0.0.1:1",
              List.of(new Workload("sample", "web", "web", "10.0.0.1", Map.of("app", "web")))));
    }

    @Override
    public String page(String cluster, String path) throws IOException {
      String page = pages.get(path);
      if (page == null) {
        throw new IOException("status 404");
      }
      return page;
    }

    @Override
    public String file(String source) throws IOException {
      String file = files.get(source);
      if (file == null) {
        throw new IOException(source + " is gone");
      }
      return file;
    }

    @Override
    public List<LogLine> logs(Instant since) {
      return List.of();
    }

    @Override
    public List<LogLine> proxyLogs(String cluster, Instant since) throws IOException {
      throw new IOException("no such file");
    }

    @Override
    public String proxyPage(String cluster, Workload workload, String path) throws IOException {
      return page(cluster, workload.name() + path);
    }

    @Override
    public String figures(String cluster) throws IOException {
      return page(cluster, "figures");
    }

    @Override
    public List<ObjectNode> implied(String cluster) throws IOException {
      return JSON.readTree(page(cluster, "implied"))
          .valueStream()
          .map(ObjectNode.class::cast)
          .toList();
    }

    @Override
    public Ran run(String cluster, Named workload, Container container, List<String> line)
        throws IOException {
      throw new IOException("nothing is run here");
    }

    @Override
    public Guests guests(String cluster, String id) throws IOException {
      throw new IOException("no guests");
    }
  }

  private ClusterEvidence collect() {
    return new LocalCollector(new Fake(), NOW.minusSeconds(60), InstantSource.fixed(NOW))
        .collect(_ -> {})
        .clusters()
        .getFirst();
  }

  @Test
  void itIsAMeshOfThisMachine() {
    Flavour flavour = collect().flavour().found().orElseThrow();
    assertThat(flavour.kind()).isEqualTo(Flavour.Kind.LOCAL);
    assertThat(flavour.trustDomain()).isEqualTo("it.mesh");
    assertThat(collect().reached()).isEqualTo(Look.seen(true));
  }

  @Test
  void resourcesAreThoseThatTheControlPlaneHoldsAsTheirFilesHaveThem() {
    assertThat(collect().objects().all(Kind.AUTHORIZATION_POLICY))
        .extracting(ApiObject::name)
        .as("and none that it refused")
        .containsExactly("deny");
  }

  @Test
  void aWorkloadStandsForAPod() {
    ApiObject pod = collect().objects().all(Kind.POD).getFirst();
    assertThat(pod.ref()).hasToString("Pod sample/web");
    assertThat(pod.labels()).containsEntry("app", "web");
    assertThat(pod.text("/status/podIP")).isEqualTo("10.0.0.1");
    assertThat(collect().objects().find(Kind.SERVICE_ACCOUNT, "sample", "web")).isPresent();
  }

  @Test
  void aProxyIsSeenByItsOwnPagesAndByItsControlPlane() {
    ProxyView proxy = collect().proxies().found().orElseThrow().getFirst();
    assertThat(proxy.configDump()).isInstanceOf(Look.Seen.class);
    assertThat(proxy.sync()).isInstanceOf(Look.Seen.class);
    assertThat(proxy.certificates())
        .isEqualTo(Look.unseen("/certs of the proxy of web.sample: status 404"));
  }

  @Test
  void proxiesThatCountTogetherAreToldApart() {
    ProxyView proxy = collect().proxies().found().orElseThrow().getFirst();
    assertThat(proxy.stats().found().orElseThrow())
        .singleElement()
        .satisfies(one -> assertThat(one.value()).isEqualTo(3));
  }

  @Test
  void whatNoFileDeclaresIsSeen() {
    ClusterEvidence seen = collect();
    assertThat(seen.objects().find(Kind.SERVICE, "sample", "web")).isPresent();
    assertThat(seen.objects().all(Kind.CONFIG_MAP))
        .extracting(ApiObject::name)
        .as("the settings in force, the roots, and no other map")
        .containsExactlyInAnyOrder("istio", "istio-ca-root-cert");
    pages.remove("implied");
    assertThat(collect().objects().look(Kind.SERVICE)).isInstanceOf(Look.Unseen.class);
  }

  @Test
  void whatCannotBeReadIsUnseenAndTheRestIsSeen() {
    files.clear();
    ClusterEvidence seen = collect();
    assertThat(seen.objects().look(Kind.AUTHORIZATION_POLICY))
        .isEqualTo(
            Look.unseen(
                "some are declared in mesh/deny.yaml, which could not be read: mesh/deny.yaml is"
                    + " gone"));
    assertThat(seen.proxyLogs()).isEqualTo(Look.unseen("proxies' logs: no such file"));
    assertThat(seen.objects().look(Kind.NODE)).isInstanceOf(Look.Unseen.class);
    assertThat(seen.metrics().found().orElseThrow()).hasSize(1);
  }
}
