package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.collect.Parallel;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ObjectCollectorTest {
  private static final String PODS = "/api/v1/pods";

  private static Objects read(FakeApi api) {
    try (Parallel parallel = new Parallel()) {
      return new Objects(new ObjectCollector(new ApiReader(api), parallel).ofCluster());
    }
  }

  private static String named(String name) {
    return "{\"metadata\": {\"name\": \"%s\", \"namespace\": \"sample\"}}".formatted(name);
  }

  @Test
  void whatMayNotBeListedIsUnseenWithTheRightAndTheRestIsSeen() {
    var api = new FakeApi().refuse("/apis/apps/v1/deployments").list(PODS, named("a"));
    Objects seen = read(api);
    assertThat(seen.look(Kind.DEPLOYMENT))
        .isEqualTo(
            new Look.Unseen<>(
                "forbidden: User cannot list", Optional.of("list deployments.apps -A")));
    assertThat(seen.look(Kind.POD).found().orElseThrow())
        .extracting(ApiObject::name)
        .containsExactly("a");
  }

  @Test
  void everyPageOfAListIsRead() {
    Objects seen = read(new FakeApi().list(PODS, named("a"), named("b"), named("c")));
    assertThat(seen.look(Kind.POD).found().orElseThrow())
        .extracting(ApiObject::name)
        .containsExactly("a", "b", "c");
  }

  @Test
  void anItemSaysItsKindAlthoughListsDoNot() {
    ApiObject pod =
        read(new FakeApi().list(PODS, named("a"))).look(Kind.POD).found().orElseThrow().getFirst();
    assertThat(pod.ref()).hasToString("Pod sample/a");
    assertThat(pod.apiVersion()).isEqualTo("v1");
  }

  @Test
  void withoutResourceDefinitionsThereAreNoneOfTheirResources() {
    assertThat(read(new FakeApi()).look(Kind.AUTHORIZATION_POLICY)).isEqualTo(Look.seen(List.of()));
  }

  @Test
  void anOldIstiosVersionOfAKindIsRead() {
    var api =
        new FakeApi()
            .body(
                "/apis/security.istio.io",
                """
                {"versions": [{"version": "v1beta1"}], "preferredVersion": {"version": "v1beta1"}}
                """)
            .list("/apis/security.istio.io/v1beta1/authorizationpolicies", named("deny"));
    ApiObject policy = read(api).look(Kind.AUTHORIZATION_POLICY).found().orElseThrow().getFirst();
    assertThat(policy.apiVersion()).isEqualTo("security.istio.io/v1beta1");
  }

  @Test
  void whoWroteAFieldIsKeptWhereACheckAsks() {
    String written =
        "{\"metadata\": {\"name\": \"x\", \"managedFields\": [{\"manager\": \"argocd\"}]}}";
    var api =
        new FakeApi()
            .list(PODS, written)
            .list("/api/v1/namespaces", written)
            .list("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", written);
    Objects seen = read(api);
    assertThat(first(seen, Kind.POD).at("/metadata/managedFields").isMissingNode()).isTrue();
    for (Kind kind : List.of(Kind.MUTATING_WEBHOOK, Kind.NAMESPACE)) {
      assertThat(first(seen, kind).text("/metadata/managedFields/0/manager")).isEqualTo("argocd");
    }
  }

  private static ApiObject first(Objects seen, Kind kind) {
    return seen.look(kind).found().orElseThrow().getFirst();
  }

  @Test
  void onePartThatIsUnseenMakesTheWholeUnseen() {
    assertThat(
            ObjectCollector.all(List.of(Look.seen(List.of(1)), Look.<List<Integer>>unseen("no"))))
        .isEqualTo(Look.unseen("no"));
  }
}
