package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.xds.encode.GrpcEncoder;
import io.selvage.xds.encode.ResourceEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each folder of {@code src/test/golden} gives what its {@code expected.txt} says. */
class GoldenTest {
  private static final Path GOLDEN = Path.of("src/test/golden");

  static List<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void generatesWhatIsExpected(String name) throws IOException {
    Path folder = GOLDEN.resolve(name);
    String generated = GoldenCase.read(folder).generated(Translations.ISTIO);
    Path expected = folder.resolve("expected.txt");
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(expected, generated);
    }
    assertThat(generated).isEqualTo(Files.readString(expected));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void generatesOnlyWhatEnvoysApiCanSay(String name) throws IOException {
    GoldenCase golden = GoldenCase.read(GOLDEN.resolve(name));
    var round = new ResourceGenerator(Translations.ISTIO).round(golden.state());
    ProxyResources resources = round.resources(golden.node());
    GrpcResources grpc = round.grpc(golden.node());

    resources.listeners().forEach(ResourceEncoder::encode);
    resources.routes().forEach(ResourceEncoder::encode);
    resources.clusters().forEach(ResourceEncoder::encode);
    resources.endpoints().forEach(ResourceEncoder::encode);
    resources.endpointsByNode().forEach(ResourceEncoder::encode);
    grpc.inbound().listeners().forEach(GrpcEncoder::encode);
    grpc.outbound().listeners().forEach(GrpcEncoder::encode);
    grpc.outbound().clusters().forEach(GrpcEncoder::encode);
    grpc.outbound().routes().forEach(ResourceEncoder::encode);
  }
}
