package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Which workload a Pod is of, by its controller and its labels. */
class PodOwnerTest {

  private static ObjectNode made(String version, String kind, String name, String labels) {
    return Pods.of(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          generateName: %3$s-
          labels: {%4$s}
          ownerReferences:
          - {apiVersion: v1, kind: Other, name: other}
          - {apiVersion: %1$s, kind: %2$s, name: %3$s, controller: true}
        spec: {containers: [{name: app, image: app}]}
        """
            .formatted(version, kind, name, labels));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // controller, labels; the workload
        "apps/v1 | ReplicaSet | web-5d9c | pod-template-hash: 5d9c | apps/v1 Deployment web",
        "apps/v1 | ReplicaSet | a-5d9c-5d9c | pod-template-hash: 5d9c | apps/v1 Deployment a-5d9c",
        "apps/v1 | ReplicaSet | web-5d9c | app: web | apps/v1 ReplicaSet web-5d9c",
        "apps/v1 | ReplicaSet | web-5d9c | pod-template-hash: '' | apps/v1 ReplicaSet web-5d9c",
        "apps/v1 | ReplicaSet | web5d9c | pod-template-hash: 5d9c | apps/v1 ReplicaSet web5d9c",
        "apps/v1 | ReplicaSet | web-5d9c | rollouts-pod-template-hash: 5d9c | v1alpha1 Rollout web",
        "apps/v1 | ReplicaSet | web | rollouts-pod-template-hash: 5d9c | apps/v1 ReplicaSet web",
        "apps/v1 | ReplicaSet | web-5d9c | 'pod-template-hash: 77, rollouts-pod-template-hash: 5d9c' | v1alpha1 Rollout web",
        "apps/v1 | ReplicaSet | web-5d9c | 'pod-template-hash: 5d9c, rollouts-pod-template-hash: 5d9c' | apps/v1 Deployment web",
        "apps/v1 | StatefulSet | web-5d9c | rollouts-pod-template-hash: 5d9c | apps/v1 StatefulSet web-5d9c",
        "v1 | ReplicationController | web-3 | 'deploymentconfig: web, deployment: web-3' | v1 DeploymentConfig web",
        "v1 | ReplicationController | web-3 | deploymentconfig: '' | v1 ReplicationController web-3",
        "v1 | ReplicationController | web-3 | app: web | v1 ReplicationController web-3",
        "apps/v1 | ReplicaSet | web-3 | deploymentconfig: web | apps/v1 ReplicaSet web-3",
        "batch/v1 | Job | clean-29012345 | job-name: clean | batch/v1 CronJob clean",
        "batch/v1 | Job | clean-1740000000 | job-name: clean | batch/v1 CronJob clean",
        "batch/v1 | Job | clean-2901234 | job-name: clean | batch/v1 Job clean-2901234",
        "batch/v1 | Job | clean | job-name: clean | batch/v1 Job clean",
        "apps/v1 | DaemonSet | log | app: log | apps/v1 DaemonSet log",
      })
  void isToldByWhoMadeIt(String version, String kind, String name, String labels, String workload) {
    PodOwner owner = PodOwner.of(made(version, kind, name, labels), "sample");
    assertThat("%s %s %s".formatted(owner.apiVersion(), owner.kind(), owner.name()))
        .isEqualTo(workload);
    assertThat(owner.namespace()).isEqualTo("sample");
  }

  @Test
  void aPodThatNobodyMadeIsItsOwn() {
    ObjectNode pod = made("apps/v1", "ReplicaSet", "web-5d9c", "pod-template-hash: 5d9c");
    ObjectNode metadata = (ObjectNode) pod.get("metadata");
    metadata.remove("generateName");
    metadata.put("name", "web-0");
    assertThat(PodOwner.of(pod, "sample")).isEqualTo(new PodOwner("v1", "Pod", "web-0", "sample"));
  }

  @Test
  void itIsWrittenAsIstioDoes() {
    assertThat(
            PodOwner.of(
                    made("apps/v1", "ReplicaSet", "w-1", "rollouts-pod-template-hash: '1'"), "ns")
                .uri())
        .isEqualTo("kubernetes://apis/v1alpha1/namespaces/ns/rollouts/w");
  }
}
