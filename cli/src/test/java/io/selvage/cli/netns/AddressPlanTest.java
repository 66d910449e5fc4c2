package io.selvage.cli.netns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AddressPlanTest {

  private static final List<String> CLUSTERS = List.of("east", "west");

  @Test
  void twoMeshesOnLoopbackHaveNoAddressInCommon() {
    var one = AddressPlan.onLoopback(CLUSTERS, 0);
    var two = AddressPlan.onLoopback(CLUSTERS, 1);
    assertThat(one.firstPod()).isEqualTo("127.80.0.10");
    assertThat(two.firstPod()).isEqualTo("127.80.3.242");
    assertThat(one.nextPod("east")).isEqualTo(one.firstPod());
    assertThat(two.nextPod("west")).isEqualTo("127.81.3.242");
  }

  @Test
  void anApplicationIsAHundredNetworksOn() {
    assertThat(AddressPlan.application("127.80.3.242")).isEqualTo("127.180.3.242");
  }

  @Test
  void theLastSlotStillHasRoom() {
    var last = AddressPlan.onLoopback(CLUSTERS, AddressPlan.SLOTS - 1);
    assertThat(last.nextPod("east")).startsWith("127.80.");
  }
}
