package io.selvage.xds.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.ExtensionConfig.Layer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TypeWorldTest {
  /**
   * A response may be on its way when a name is given up. Were the resource kept, it would be there
   * when the name is wanted again, though it may be gone by then.
   */
  @Test
  void whatIsNotWantedAnyMoreIsNotTaken() {
    TypeWorld world = new TypeWorld(XdsType.EXTENSION);
    world.want(Set.of("deny", "of/1"));
    world.want(Set.of("deny", "of/2"));

    world.takeDelta(List.of(resource("deny"), resource("of/1")), List.of());
    world.accept("1", Instant.EPOCH);

    assertThat(world.get("deny", ExtensionConfig.class)).isPresent();
    world.want(Set.of("deny", "of/1"));
    assertThat(world.get("of/1", ExtensionConfig.class)).isEmpty();
  }

  private static Resource resource(String name) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion("1")
        .setResource(ResourceEncoder.encode(Sidecar.extension(name, Layer.HTTP, Optional.empty())))
        .build();
  }
}
