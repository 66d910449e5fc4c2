package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.Discovery;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.XdsResource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A proxy that takes its policies apart enforces what one enforces that has them in listeners. */
class DiscoveredPoliciesTest {
  static List<String> cases() throws IOException {
    return GoldenTest.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsPutTogetherIsWhatStandsInTheListeners(String name) throws IOException {
    GoldenCase golden = GoldenCase.read(Path.of("src/test/golden").resolve(name));
    var round = new ResourceGenerator(Translations.ISTIO).round(golden.state());
    Inbound held = round.resources(proxy(golden, false)).inbound();
    Inbound named = round.resources(proxy(golden, true)).inbound();

    Map<String, XdsResource> extensions = parsed(XdsType.EXTENSION, extensions(named));
    var discovery = new Discovery(at -> Optional.ofNullable((ExtensionConfig) extensions.get(at)));
    List<Listener> whole =
        parsed(XdsType.LISTENER, named.listeners()).values().stream()
            .map(Listener.class::cast)
            .peek(listener -> assertThat(discovery.missing(listener)).isEmpty())
            .map(discovery::whole)
            .toList();

    assertThat(extensions(held)).isEmpty();
    assertThat(whole).isEqualTo(List.copyOf(parsed(XdsType.LISTENER, held.listeners()).values()));
  }

  private static List<ExtensionConfig> extensions(Inbound inbound) {
    return Stream.concat(inbound.policies().stream(), inbound.marks().stream()).toList();
  }

  private static ProxyNode proxy(GoldenCase golden, boolean discovers) {
    ProxyNode node = golden.node();
    WorkloadInstance workload = node.workload();
    return new ProxyNode(
        node.id(), node.kind(), workload, node.interception(), OptionalInt.empty(), discovers);
  }

  private static Map<String, XdsResource> parsed(
      XdsType type, List<? extends XdsResource> resources) {
    List<Any> encoded = resources.stream().map(ResourceEncoder::encode).toList();
    ParseResult result = ResourceParser.parse(type, encoded);
    assertThat(result.problems()).isEmpty();
    return result.good();
  }
}
