package io.selvage.cli.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.bootstrap.SidecarBootstrap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyCommandLineTest {
  @TempDir private Path folder;

  private List<String> completed(String... command) throws Exception {
    Path socket = folder.resolve("agent.sock");
    var bootstrap =
        new SidecarBootstrap(
            "sidecar~10.0.0.1~web.default~default.svc.cluster.local",
            "web.default",
            Map.of(),
            socket,
            socket,
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 15000),
            Optional.empty(),
            SidecarBootstrap.Variant.DELTA);
    return ProxyCommandLine.of(List.of(command), bootstrap, socket, OptionalInt.empty());
  }

  @Test
  void anEnvoyWithoutABootstrapGetsOursForItsEyesOnly() throws Exception {
    Path file = folder.resolve("bootstrap.json");

    assertThat(completed("envoy", "-l", "info"))
        .startsWith("envoy", "-l", "info", "-c", file.toString())
        .contains("--disable-hot-restart");
    assertThat(Files.readString(file)).contains("\"id\": \"sidecar~10.0.0.1~web.default");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c", "--config-path", "--config-yaml", "--config-path=my.json"})
  void aBootstrapOfTheUsersStays(String option) throws Exception {
    assertThat(completed("envoy", option, "my.json")).containsExactly("envoy", option, "my.json");
    assertThat(folder.resolve("bootstrap.json")).doesNotExist();
  }
}
