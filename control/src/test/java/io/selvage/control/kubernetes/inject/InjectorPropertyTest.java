package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What holds for every Pod. */
class InjectorPropertyTest {
  private static final ObjectMapper LIBRARYS = new ObjectMapper();

  private final Injector injector = new Injector(Pods.SETTINGS);

  @Provide
  Arbitrary<ObjectNode> pods() {
    return RandomPods.pods();
  }

  private Injector.Outcome inject(ObjectNode pod) {
    return injector.inject(pod, "sample", Optional.empty());
  }

  @Property(tries = 500)
  void aPodIsInjectedOnceLeftAsItIsOrRefusedWithAReason(@ForAll("pods") ObjectNode pod) {
    ObjectNode before = pod.deepCopy();
    Injector.Outcome outcome = inject(pod);
    assertThat(pod).as("the given tree is not changed").isEqualTo(before);
    Statistics.collect(outcome.getClass().getSimpleName());
    switch (outcome) {
      case Injector.Outcome.Injected(ObjectNode injected, List<String> _) -> {
        assertThat(inject(injected)).isInstanceOf(Injector.Outcome.Left.class);
        assertThat(sidecars(injected)).isEqualTo(1);
        assertThat(PodJson.container(injected, "initContainers", "istio-init")).isPresent();
      }
      case Injector.Outcome.Left(String why, boolean _) -> assertThat(why).isNotBlank();
      case Injector.Outcome.Refused(List<String> problems) ->
          assertThat(problems).isNotEmpty().noneMatch(String::isBlank);
    }
  }

  private static long sidecars(JsonNode pod) {
    return List.of("containers", "initContainers").stream()
        .flatMap(which -> PodJson.containers(pod, which))
        .filter(container -> PodJson.name(container).equals("istio-proxy"))
        .count();
  }

  @Property(tries = 500)
  void thePatchMakesOfThePodWhatInjectionMakes(@ForAll("pods") ObjectNode pod)
      throws JsonProcessingException {
    if (inject(pod) instanceof Injector.Outcome.Injected(ObjectNode injected, List<String> _)) {
      JsonNode patch = JsonPatch.between(pod, injected);
      assertThat(patch).isNotEmpty();
      assertThat(patch.values())
          .allSatisfy(
              operation ->
                  assertThat(operation.path("op").asString()).isIn("add", "remove", "replace"));
      String patched =
          io.fabric8.zjsonpatch.JsonPatch.apply(
                  LIBRARYS.readTree(patch.toString()), LIBRARYS.readTree(pod.toString()))
              .toString();
      assertThat(PodJson.parse(patched)).isEqualTo(injected);
    }
  }

  @Property(tries = 300)
  void nothingOfTheApplicationsIsLost(@ForAll("pods") ObjectNode pod) {
    if (inject(pod) instanceof Injector.Outcome.Injected(ObjectNode injected, List<String> _)) {
      assertThat(injected.path("spec").path("somethingNew"))
          .isEqualTo(pod.path("spec").path("somethingNew"));
      for (JsonNode volume : pod.path("spec").path("volumes")) {
        assertThat(injected.path("spec").path("volumes").values()).contains(volume);
      }
      for (String which : List.of("containers", "initContainers")) {
        PodJson.containers(pod, which)
            .map(PodJson::name)
            .filter(name -> !name.equals("istio-proxy"))
            .forEach(
                name -> assertThat(PodJson.container(injected, which, name)).as(name).isPresent());
      }
    }
  }
}
