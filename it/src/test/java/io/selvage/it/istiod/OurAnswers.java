package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.generate.MeshState;
import io.selvage.control.generate.ProxyNode;
import io.selvage.control.generate.ProxyResources;
import io.selvage.control.generate.ResourceGenerator;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import io.selvage.pki.TrustBundle;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What our control plane would tell the proxies of a mesh that an istiod has, too. */
final class OurAnswers {
  private final ResourceGenerator.Round round;

  /** Of a mesh in which nothing runs that its configuration does not name. */
  OurAnswers(String configuration) {
    ReadResult read = ResourceReader.read("mesh.yaml", configuration);
    assertThat(read.hasErrors()).as("%s", read.problems()).isFalse();
    this.round =
        new ResourceGenerator(new IstioPolicies())
            .round(
                MeshState.of(
                    MeshSnapshot.of(1, read.resources(), read.problems()),
                    List.of(),
                    rule -> "",
                    TrustBundle.empty()));
  }

  /**
   * All that a workload's proxy is told whose connections are captured.
   *
   * @param network of the workload; empty: not said
   */
  ProxyResources to(Workload workload, ProxyNode.Kind kind, String network) {
    return round.resources(
        new ProxyNode(
            workload.name(),
            kind,
            new WorkloadInstance(
                workload.name(),
                workload.namespace(),
                workload.account(),
                workload.labels(),
                workload.address(),
                Map.of(),
                Map.of(),
                Istiod.CLUSTER,
                network,
                "",
                1,
                true),
            ProxyNode.Interception.REDIRECT,
            OptionalInt.empty(),
            false));
  }
}
