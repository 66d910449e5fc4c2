package io.selvage.control.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class VirtualAddressesTest {
  @Test
  void aHostHasTheSameAddressInEveryCluster() {
    assertThat(VirtualAddresses.allocate(List.of("httpbin.sample.svc.cluster.local")))
        .containsEntry("httpbin.sample.svc.cluster.local", "240.240.97.30");
  }

  @Property
  void noTwoHostsShareAnAddress(
      @ForAll @Size(max = 300) List<@AlphaChars @StringLength(min = 1, max = 8) String> hosts) {
    Map<String, String> allocated = VirtualAddresses.allocate(hosts);

    assertThat(allocated.values()).doesNotHaveDuplicates();
    assertThat(allocated.keySet()).containsAll(hosts);
    assertThat(allocated.values()).doesNotContain("240.240.0.0", "240.240.255.255");
  }

  @Test
  void whereHostsAreTooManyTheFirstHaveAddresses() {
    List<String> many = IntStream.range(0, 70_000).mapToObj(i -> "h" + i + ".example").toList();
    Map<String, String> allocated = VirtualAddresses.allocate(many);

    assertThat(allocated).hasSize(65_534).containsKeys("h0.example", "h65533.example");
    assertThat(allocated).doesNotContainKey("h65534.example");
    assertThat(allocated.values()).doesNotHaveDuplicates();
    assertThat(VirtualAddresses.allocate(Collections.nCopies(70_000, "h0.example"))).hasSize(1);
  }

  @Property
  void theOrderOfHostsDoesNotMatter(
      @ForAll @Size(max = 50) List<@AlphaChars @StringLength(min = 1, max = 3) String> hosts) {
    List<String> reversed = new ArrayList<>(hosts.reversed());

    assertThat(VirtualAddresses.allocate(hosts)).isEqualTo(VirtualAddresses.allocate(reversed));
  }
}
