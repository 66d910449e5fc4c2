package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** A user's own {@code istio-proxy} over the injected one. */
class ContainerOverlayTest {
  private static final ObjectNode INJECTED =
      Pods.of(
          """
          name: istio-proxy
          image: selvage
          imagePullPolicy: IfNotPresent
          args: [proxy, --in-pod]
          env: [{name: A, value: a}, {name: B, valueFrom: {fieldRef: {fieldPath: x}}}]
          ports: [{containerPort: 15090, protocol: TCP, name: prom}]
          volumeMounts: [{name: tmp, mountPath: /tmp}]
          securityContext: {runAsUser: 1337, capabilities: {drop: [ALL]}}
          """);

  private static ObjectNode over(String written) {
    return ContainerOverlay.over(INJECTED, Pods.of(written));
  }

  @Test
  void listsAreMergedByTheKeysOfKubernetes() {
    assertThat(
            over(
                """
                name: istio-proxy
                image: auto
                imagePullPolicy: Always
                env: [{name: B, value: b}, {name: C, value: c}]
                ports: [{containerPort: 15090, name: other}, {containerPort: 15090, protocol: UDP}]
                volumeMounts: [{name: scratch, mountPath: /tmp}, {name: logs, mountPath: /logs}]
                """))
        .isEqualTo(
            Pods.of(
                """
                name: istio-proxy
                image: selvage
                imagePullPolicy: IfNotPresent
                args: [proxy, --in-pod]
                env: [{name: A, value: a}, {name: B, value: b}, {name: C, value: c}]
                ports:
                - {containerPort: 15090, protocol: TCP, name: other}
                - {containerPort: 15090, protocol: UDP}
                volumeMounts: [{name: scratch, mountPath: /tmp}, {name: logs, mountPath: /logs}]
                securityContext: {runAsUser: 1337, capabilities: {drop: [ALL]}}
                """));
  }

  @Test
  void otherListsAreReplacedAndMappingsMerged() {
    ObjectNode merged =
        over("{image: mine, args: [proxy], securityContext: {capabilities: {drop: [NET_RAW]}}}");
    assertThat(merged.path("image").stringValue()).isEqualTo("mine");
    assertThat(merged.path("args")).hasToString("[\"proxy\"]");
    assertThat(merged.path("securityContext"))
        .hasToString("{\"runAsUser\":1337,\"capabilities\":{\"drop\":[\"NET_RAW\"]}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{containers: [{name: istio-proxy, image: auto, securityContext: {runAsUser: 0}}]}",
        "{containers: [{name: istio-proxy, image: auto, securityContext: {runAsGroup: 0}}]}",
        "{containers: [{name: app, image: a}], initContainers: [{name: istio-init, image: x}]}",
        "{containers: [{name: istio-init, image: x}]}",
        "{containers: [{name: istio-proxy, image: a}], initContainers: [{name: istio-proxy, image: a}]}",
        "{containers: [{name: app, image: a}], volumes: [{name: istio-token, emptyDir: {}}]}",
      })
  void whatWouldBreakCaptureOrIdentityIsRefused(String spec) {
    ObjectNode pod = Pods.of("{metadata: {name: a}, spec: " + spec + "}");
    assertThat(new Injector(Pods.SETTINGS).inject(pod, "sample", Optional.empty()))
        .isInstanceOfSatisfying(
            Injector.Outcome.Refused.class, refused -> assertThat(refused.problems()).hasSize(1));
  }

  @Test
  void captureLeavesAloneTheUserThatTheOverrideNames() {
    ObjectNode pod =
        Pods.of(
            """
            metadata: {name: a}
            spec:
              containers:
              - {name: istio-proxy, image: auto, securityContext: {runAsUser: 2000, runAsGroup: 2001}}
              - {name: app, image: app}
            """);
    ObjectNode injected =
        ((Injector.Outcome.Injected)
                new Injector(Pods.SETTINGS).inject(pod, "sample", Optional.empty()))
            .pod();
    assertThat(
            PodJson.container(injected, "initContainers", "istio-init").orElseThrow().path("args"))
        .hasToString(
            "[\"capture\",\"--exclude-inbound-ports=15021,15090,15020\",\"--user=2000\",\"--group=2001\"]");
    assertThat(List.copyOf(PodJson.containers(injected, "containers").toList()))
        .extracting(PodJson::name)
        .containsExactly("app");
  }
}
