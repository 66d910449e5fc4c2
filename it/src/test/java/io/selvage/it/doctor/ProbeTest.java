package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.it.cluster.Application;
import io.selvage.it.cluster.Kubectl;
import io.selvage.it.cluster.KubernetesCluster;
import io.selvage.it.cluster.Selvage;
import io.selvage.it.cluster.SelvageImage;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** The doctor's probes and fixes in a whole cluster with a mesh of ours. */
@Tag("real")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ProbeTest {
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;

  private final Opened opened = new Opened();
  private Kubectl kubectl;
  private Probing probing;

  @BeforeAll
  @Timeout(value = 400, unit = TimeUnit.SECONDS)
  void install() throws Exception {
    try {
      KubernetesCluster cluster = opened.add(KubernetesCluster.start("east"));
      cluster.load(SelvageImage.archive());
      kubectl = cluster.kubectl();
      new Selvage(cluster.kubeconfig())
          .run("install", "--context", "east", "--image", SelvageImage.NAME, "--yes")
          .well();
      kubectl.apply(
          STRICT
              + "---\n"
              + Application.namespace("sample", "{selvage.io/injection: enabled}")
              + Application.sleep("sample")
              + Application.httpbin("sample"));
      kubectl.awaitRollout("sample", "httpbin");
      kubectl.awaitRollout("sample", "sleep");
      probing = opened.add(Probing.of(cluster.kubeconfig(), "east"));
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  @AfterAll
  void end() {
    opened.close();
  }

  @Test
  @Order(1)
  void provesAHealthyMeshByTrafficAndLeavesNothing() throws Exception {
    long start = System.nanoTime();
    ClusterEvidence seen = probing.probe(ProbeRequest.DEFAULTS);
    System.out.println("took " + (System.nanoTime() - start) / 1_000_000);
    System.out.println(seen.probes());
    System.out.println(seen.handshakes());
    for (String code :
        new String[] {"SLV2001", "SLV2002", "SLV2007", "SLV2008", "SLV4001", "SLV4002"}) {
      System.out.println(Probing.results(seen, code));
    }
    Probing.examine(seen).findings().forEach(f -> { if (f.result().status() != Status.PASS && f.result().status() != Status.SKIP) System.out.println(f.result()); });
    for (String code :
        new String[] {"SLV2001", "SLV2002", "SLV2007", "SLV2008", "SLV4001", "SLV4002"}) {
      assertThat(Probing.statuses(seen, code))
          .as("%s: %s", code, Probing.results(seen, code))
          .isEqualTo(Set.of(Status.PASS));
    }
    Until.seen("nothing stays", () -> Probing.leftBy(kubectl), ""::equals);
  }
}
