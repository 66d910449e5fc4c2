package io.selvage.xds.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.selvage.xds.Sidecar;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.XdsResource;
import org.junit.jupiter.api.Test;

/** Envoy's messages as JSON. */
class EnvoyJsonTest {
  @Test
  void allThatASidecarIsSentIsKnown() {
    for (XdsResource resource : Sidecar.resources()) {
      assertThat(
              EnvoyJson.of(
                  ConfigDump.newBuilder().addConfigs(ResourceEncoder.encode(resource)).build()))
          .contains("\"@type\"")
          .doesNotContain("unknown_type");
    }
  }

  @Test
  void whatIsUnknownIsNamedAtAnyDepthAndTheRestIsShown() {
    var strange =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/future.Socket")
            .setValue(ByteString.copyFromUtf8("secret"))
            .build();
    var cluster =
        Cluster.newBuilder()
            .setName("known")
            .setTransportSocket(
                TransportSocket.newBuilder().setName("socket").setTypedConfig(strange))
            .build();

    assertThat(EnvoyJson.of(ConfigDump.newBuilder().addConfigs(Any.pack(cluster)).build()))
        .contains("\"name\": \"known\"", "\"unknown_type\": \"type.googleapis.com/future.Socket\"")
        .doesNotContain("secret");
  }
}
