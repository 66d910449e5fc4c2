package io.selvage.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StaticBootstrapTest {
  private static final String LISTENER =
      """
      {"name": "in", "traffic_direction": "INBOUND",
       "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
       "filter_chains": [{"filters": [{"name": "envoy.filters.network.%s", "typed_config": {
         "@type": "type.googleapis.com/envoy.extensions.filters.network.%s.v3.%s",
         "stat_prefix": "in", "cluster": "app"}}]}]}""";
  private static final String CLUSTER =
      """
      {"name": "app", "type": "STATIC", "connect_timeout": "5s", "load_assignment": {
       "cluster_name": "app", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {
       "socket_address": {"address": "127.0.0.1", "port_value": 8000}}}}]}]}}""";

  @TempDir Path folder;

  @Test
  void readsWhatEnvoyIsStartedWith() throws Exception {
    StaticBootstrap bootstrap =
        read(
            """
            {"node": {"id": "n"},
             "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 15000}}},
             "static_resources": {"listeners": [%s], "clusters": [%s]}}"""
                .formatted(LISTENER.formatted("tcp_proxy", "tcp_proxy", "TcpProxy"), CLUSTER));
    assertThat(bootstrap.node()).isEqualTo("n");
    assertThat(bootstrap.admin().orElseThrow().getPort()).isEqualTo(15000);
    assertThat(bootstrap.resources()).hasAtLeastOneElementOfType(Listener.class);
    assertThat(bootstrap.resources()).hasAtLeastOneElementOfType(Cluster.class);
  }

  @Test
  void refusesAFilterThatItDoesNotKnow() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"static_resources": {"listeners": [%s]}}"""
                        .formatted(LISTENER.formatted("wasm", "wasm", "Wasm"))))
        .isInstanceOf(StaticBootstrap.Refused.class)
        .hasMessageContaining("Wasm");
  }

  @Test
  void refusesAFieldThatItDoesNotKnow() {
    assertThatThrownBy(() -> read("{\"static_resources\": {\"listenerz\": []}}"))
        .isInstanceOf(StaticBootstrap.Refused.class)
        .hasMessageContaining("listenerz");
  }

  @Test
  void refusesASettingOfTheWholeProxyThatItDoesNotFollow() {
    for (String setting :
        List.of(
            "\"layered_runtime\": {}",
            "\"overload_manager\": {}",
            "\"header_prefix\": \"x-other\"",
            "\"default_socket_interface\": \"other\"")) {
      String field = setting.substring(1, setting.indexOf('"', 1));
      assertThatThrownBy(() -> read("{" + setting + "}"))
          .isInstanceOf(StaticBootstrap.Refused.class)
          .hasMessageContaining(field);
    }
  }

  @Test
  void refusesAnAdminAddressThatIsNone() {
    for (String address :
        List.of(
            "\"address\": \"127.0.0.1\", \"port_value\": 70000",
            "\"address\": \"\", \"port_value\": 15000")) {
      assertThatThrownBy(
              () ->
                  read("{\"admin\": {\"address\": {\"socket_address\": {%s}}}}".formatted(address)))
          .isInstanceOf(StaticBootstrap.Refused.class)
          .hasMessageContaining("admin.address");
    }
  }

  @Test
  void saysThatAFileOfThatNameCannotBe() {
    assertThatThrownBy(
            () ->
                read(
                    "{\"static_resources\": {\"secrets\": [{\"name\": \"ROOTCA\","
                        + " \"validation_context\": {\"trusted_ca\": {\"filename\": \"a\\u0000b\"}}}]}}"))
        .isInstanceOf(IOException.class);
  }

  @Property(tries = 300)
  void anyTextIsABootstrapOrRefused(@ForAll String text, @ForAll long seed) throws Exception {
    Random random = new Random(seed);
    StringBuilder bent =
        new StringBuilder(
            "{\"static_resources\": {\"listeners\": [%s], \"clusters\": [%s]}}"
                .formatted(LISTENER.formatted("tcp_proxy", "tcp_proxy", "TcpProxy"), CLUSTER));
    for (int i = 0; i < 3; i++) {
      bent.setCharAt(random.nextInt(bent.length()), (char) (' ' + random.nextInt(95)));
    }
    Path own = Files.createTempDirectory("bootstrap");
    for (String json : List.of(text, "{" + text, bent.toString(), "[".repeat(20_000))) {
      try {
        StaticBootstrap.read(Files.writeString(own.resolve("envoy.json"), json));
      } catch (IOException | StaticBootstrap.Refused e) {
        assertThat(e.getMessage()).isNotNull();
      }
    }
    Files.delete(own.resolve("envoy.json"));
    Files.delete(own);
  }

  @Test
  void doesNotPretendToFollowAControlPlane() {
    assertThatThrownBy(() -> read("{\"dynamic_resources\": {\"ads_config\": {}}}"))
        .isInstanceOf(StaticBootstrap.Refused.class)
        .hasMessageContaining("dynamic_resources");
  }

  private StaticBootstrap read(String json) throws IOException, StaticBootstrap.Refused {
    return StaticBootstrap.read(Files.writeString(folder.resolve("envoy.json"), json));
  }
}
