package io.selvage.xds.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.selvage.xds.XdsType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TypeResourcesTest {
  private static EncodedResource resource(String name, int content) {
    return EncodedResource.of(
        XdsType.ROUTES,
        name,
        Any.newBuilder().setValue(ByteString.copyFromUtf8(name + content)).build());
  }

  /** Some of ten names, spread over one to three sets, in one of two contents each. */
  private static TypeResources random(Random random) {
    List<List<EncodedResource>> sets = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      sets.add(new ArrayList<>());
    }
    for (int n = 0; n < 10; n++) {
      if (random.nextBoolean()) {
        sets.get(random.nextInt(sets.size())).add(resource("r" + n, random.nextInt(2)));
      }
    }
    return TypeResources.joined(sets.stream().map(ResourceSet::of).toList());
  }

  private static Map<String, String> versions(TypeResources resources) {
    Map<String, String> versions = new TreeMap<>();
    resources.all().forEach(one -> versions.put(one.name(), one.version()));
    return versions;
  }

  @Property(tries = 500)
  void whatChangedMakesTheLaterOfTheEarlier(@ForAll long seed) {
    Random random = new Random(seed);
    TypeResources earlier = random(random);
    TypeResources later = random(random);
    ResourceSet.Difference difference = later.since(earlier);

    Map<String, String> patched = versions(earlier);
    difference.removed().forEach(name -> assertThat(patched.remove(name)).isNotNull());
    for (EncodedResource changed : difference.changed()) {
      assertThat(patched.put(changed.name(), changed.version())).isNotEqualTo(changed.version());
    }
    assertThat(patched).isEqualTo(versions(later));
  }

  @Test
  void twoSetsCannotHaveOneName() {
    ResourceSet one = ResourceSet.of(List.of(resource("a", 1)));
    ResourceSet other = ResourceSet.of(List.of(resource("a", 2), resource("b", 1)));
    assertThatThrownBy(() -> TypeResources.joined(List.of(one, other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two resources are called ROUTES a");
  }

  /** A client's whole life with random changes, against what a client would hold at its end. */
  @Property(tries = 300)
  void aClientThatFollowsHoldsWhatItAskedFor(@ForAll long seed) {
    Random random = new Random(seed);
    Subscription subscription = new Subscription(XdsType.ROUTES, true);
    TreeMap<String, String> asked = new TreeMap<>();
    Map<String, String> held = new TreeMap<>();
    TypeResources now = random(random);
    for (int step = 0; step < 20; step++) {
      String name = "r" + random.nextInt(10);
      switch (random.nextInt(3)) {
        case 0 -> now = random(random);
        case 1 -> {
          asked.put(name, "");
          subscription.onDelta(List.of(name), List.of(), Map.of());
        }
        default -> {
          asked.remove(name);
          held.remove(name);
          subscription.onDelta(List.of(), List.of(name), Map.of());
        }
      }
      var outgoing = subscription.next(now, "n" + step);
      if (outgoing.isPresent()) {
        outgoing.get().resources().forEach(one -> held.put(one.name(), one.version()));
        outgoing.get().removed().forEach(held::remove);
        subscription.onAck();
      }
      Map<String, String> wanted = versions(now);
      wanted.keySet().retainAll(asked.keySet());
      assertThat(held).as("after step %d of %d", step, seed).isEqualTo(wanted);
    }
  }
}
