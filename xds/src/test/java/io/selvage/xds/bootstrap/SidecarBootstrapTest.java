package io.selvage.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.xds.bootstrap.SidecarBootstrap.Variant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SidecarBootstrapTest {
  private static final Path GOLDEN = Path.of("src/test/golden/sidecar-bootstrap.json");

  private static SidecarBootstrap bootstrap(String admin, Variant variant) {
    return new SidecarBootstrap(
        "sidecar~10.80.0.10~web.default~default.svc.cluster.local",
        "web.default",
        Map.of("CLUSTER_ID", "local", "SERVICE_ACCOUNT", "web"),
        Path.of("/run/agent/sds.sock"),
        Path.of("/run/agent/ads.sock"),
        new InetSocketAddress(InetAddress.ofLiteral(admin), 15000),
        Optional.of(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 15090)),
        variant);
  }

  @Test
  void aSidecarsBootstrapReadsAsBefore() throws IOException {
    String text = bootstrap("127.0.0.1", Variant.DELTA).json();
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(GOLDEN, text);
    }
    assertThat(text).isEqualTo(Files.readString(GOLDEN));
  }

  @Test
  void theVariantIsThatOfTheStream() {
    assertThat(bootstrap("127.0.0.1", Variant.STATE_OF_THE_WORLD).json())
        .isEqualTo(
            bootstrap("127.0.0.1", Variant.DELTA).json().replace("\"DELTA_GRPC\"", "\"GRPC\""));
  }

  @Test
  void theAdminEndpointIsForThisMachineAlone() {
    for (String address : new String[] {"0.0.0.0", "10.80.0.10"}) {
      assertThatThrownBy(() -> bootstrap(address, Variant.DELTA))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("loopback only");
    }
  }
}
