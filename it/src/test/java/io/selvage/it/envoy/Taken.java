package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.XdsType;
import io.selvage.xds.server.ClientStatus;
import java.util.EnumSet;

/** What an Envoy took of what it was sent. */
final class Taken {
  private Taken() {}

  /** It asked for all types but for filters apart from listeners, and has the newest of each. */
  static void isAll(ClientStatus envoy) {
    assertThat(envoy.types())
        .as("what %s asked for", envoy.nodeId())
        .filteredOn(ClientStatus.TypeStatus::subscribed)
        .extracting(ClientStatus.TypeStatus::type)
        .containsExactlyElementsOf(EnumSet.complementOf(EnumSet.of(XdsType.EXTENSION)));
    assertThat(envoy.types())
        .filteredOn(ClientStatus.TypeStatus::subscribed)
        .allSatisfy(
            type -> {
              assertThat(type.nack()).as("%s", type).isEmpty();
              assertThat(type.state()).as("%s", type).isEqualTo(ClientStatus.State.SYNCED);
            });
  }
}
