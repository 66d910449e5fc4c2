package io.selvage.cli.netns;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.CaptureRules.Endpoint;
import io.selvage.cli.netns.CaptureRules.ServiceAddress;
import io.selvage.cli.netns.EntryCommand.Container;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CaptureRulesTest {

  private static final Map<String, String> INSIDE = Map.of(Isolation.INSIDE_USER_NAMESPACE, "1000");

  private final WorkloadNamespace place =
      new WorkloadNamespace("selvage-demo-east.sample.sleep", "10.80.0.10", Path.of("/s/resolv"));

  @Test
  void theProxysOwnTrafficIsExemptBeforeAnythingIsRedirected() {
    String rules = CaptureRules.initial();
    assertThat(rules.indexOf("meta mark 1337 return"))
        .isPositive()
        .isLessThan(rules.indexOf("redirect to :15001"));
    assertThat(rules).contains("redirect to :15006").contains("iif \"lo\" return");
  }

  @Test
  void severalEndpointsShareTheConnections() {
    var service =
        new ServiceAddress(
            "240.240.1.2",
            8000,
            List.of(new Endpoint("10.80.0.10", 8000), new Endpoint("10.81.0.10", 80)));
    assertThat(CaptureRules.services(List.of(service)))
        .isEqualTo(
            """
            flush chain ip selvage services
            add rule ip selvage services ip daddr 240.240.1.2 tcp dport 8000 \
            dnat to numgen random mod 2 map { 0 : 10.80.0.10 . 8000, 1 : 10.81.0.10 . 80 }
            """);
  }

  @Test
  void aServiceWithoutEndpointsHasNoRule() {
    assertThat(CaptureRules.services(List.of(new ServiceAddress("240.240.1.2", 1, List.of()))))
        .isEqualTo("flush chain ip selvage services\n");
  }

  @Test
  void anApplicationGivesUpWhatWouldLeadAroundTheProxy() {
    var line =
        EntryCommand.of(
            place, Container.APPLICATION, OptionalLong.empty(), List.of("curl", "http://a b"));
    assertThat(line).startsWith("nsenter", "--net=/run/netns/selvage-demo-east.sample.sleep");
    assertThat(line).endsWith("--", "curl", "http://a b").doesNotContain("--reuid");
    assertThat(line.get(line.indexOf("--bounding-set") + 1))
        .contains("-net_admin", "-net_raw", "-sys_admin", "-setuid");
  }

  @Test
  void theProxysContainerIsItsUser() {
    var line =
        EntryCommand.of(
            place, Container.PROXY, OptionalLong.empty(), List.of("openssl", "s_client"));
    assertThat(line).containsSequence("--reuid", "1337");
  }

  @Test
  void aMeshInAUserNamespaceIsEnteredThroughItsProcess() {
    var line = EntryCommand.of(place, Container.APPLICATION, OptionalLong.of(42), List.of("id"));
    assertThat(line).startsWith("nsenter", "--target", "42", "--user", "--mount", "--net");
  }

  @Test
  void isolationFallsBackWithTheReason() {
    var host = new FakeHost();
    assertThat(Isolation.detect(host, Map.of()).mode()).isEqualTo(Isolation.Mode.ROOT_NAMESPACES);
    assertThat(Isolation.detect(host, INSIDE).mode()).isEqualTo(Isolation.Mode.USER_NAMESPACES);
    assertThat(host.namespaces).isEmpty();
    assertThat(Isolation.detect(host, Map.of(Isolation.WANTED, "http_proxy")).mode())
        .isEqualTo(Isolation.Mode.HTTP_PROXY);
    host.failing = "command -v nft";
    assertThat(Isolation.detect(host, Map.of()))
        .isEqualTo(
            new Isolation(Isolation.Mode.HTTP_PROXY, "`nft` is not installed (Debian: nftables)"));
    host.failing = "netns add";
    assertThat(Isolation.detect(host, Map.of()).reason())
        .isEqualTo("network namespaces are not allowed here: Operation not permitted");
  }
}
