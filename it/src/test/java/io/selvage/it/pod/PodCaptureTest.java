package io.selvage.it.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.pod.CidrBlock;
import io.selvage.cli.pod.PodCapture;
import io.selvage.cli.pod.PodCapture.Choice;
import io.selvage.cli.pod.PodCaptureRules;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who gets a Pod's connections, by the rules of the kernel. */
@Tag("real")
final class PodCaptureTest {
  private static final int APP = 1000;
  private static final int SIDECAR = 1337;
  private static final String OUTBOUND = "pod 15001";
  private static final String INBOUND = "pod 15006";
  private static final String APPLICATION = "pod 8080";

  private static final PodCapture ALL = capture(List.of(15020, 15021, 15090), List.of(), List.of());

  private static PodNetwork network;

  @BeforeAll
  static void start() throws Exception {
    network = PodNetwork.start();
    network.sourceOfIpVersionSix();
  }

  @AfterAll
  static void stop() {
    if (network != null) {
      network.close();
    }
  }

  private static PodCapture capture(
      List<Integer> excludeInbound, List<CidrBlock> excludeRanges, List<Integer> excludeOutbound) {
    return new PodCapture(
        SIDECAR,
        SIDECAR,
        Optional.of(Choice.all()),
        excludeInbound,
        Optional.of(Choice.all()),
        excludeRanges,
        List.of(),
        excludeOutbound,
        List.of(),
        List.of());
  }

  private static String app(String url) {
    return network.asked(APP, APP, url);
  }

  private static String sidecar(String url, String... more) {
    return network.asked(SIDECAR, SIDECAR, url, more);
  }

  @Test
  void whatTheApplicationSendsGoesToTheSidecarOnEitherProtocol() {
    network.rules(PodCaptureRules.of(ALL));
    assertThat(app("http://10.77.0.2:80/")).isEqualTo(OUTBOUND);
    assertThat(app("http://[fd77::2]:80/")).isEqualTo(OUTBOUND);
    assertThat(network.asked(0, 0, "http://10.77.0.2:80/")).as("root too").isEqualTo(OUTBOUND);
    assertThat(app("http://10.77.0.2:9/")).as("a port where nobody is").isEqualTo(OUTBOUND);
  }

  @Test
  void whatIsSentToTheApplicationGoesToTheSidecarButForItsOwnPorts() {
    network.rules(PodCaptureRules.of(ALL));
    assertThat(network.askedByPeer("http://10.77.0.1:8080/")).isEqualTo(INBOUND);
    assertThat(network.askedByPeer("http://[fd77::1]:8080/")).isEqualTo(INBOUND);
    assertThat(network.askedByPeer("http://10.77.0.1:15001/")).isEqualTo(INBOUND);
    assertThat(network.askedByPeer("http://10.77.0.1:15020/")).isEqualTo("pod 15020");
    assertThat(network.askedByPeer("http://[fd77::1]:15020/")).isEqualTo("pod 15020");
  }

  @Test
  void theSidecarsOwnConnectionsPassByItsUserAndByItsGroup() {
    network.rules(PodCaptureRules.of(ALL));
    assertThat(sidecar("http://10.77.0.2:80/")).isEqualTo("peer 80");
    assertThat(sidecar("http://[fd77::2]:80/")).isEqualTo("peer 80");
    assertThat(network.asked(APP, SIDECAR, "http://10.77.0.2:80/")).isEqualTo("peer 80");
    assertThat(network.asked(SIDECAR, APP, "http://10.77.0.2:80/")).isEqualTo("peer 80");
  }

  @Test
  void loopbackIsTheApplicationsOwn() {
    network.rules(PodCaptureRules.of(ALL));
    assertThat(app("http://127.0.0.1:8080/")).isEqualTo(APPLICATION);
    assertThat(app("http://[::1]:8080/")).isEqualTo(APPLICATION);
    assertThat(app("http://10.77.0.1:8080/")).as("its own address").isEqualTo(APPLICATION);
    assertThat(sidecar("http://127.0.0.1:8080/")).isEqualTo(APPLICATION);
  }

  @Test
  void anApplicationThatCallsItsOwnServiceIsCalledThroughTheSidecar() {
    network.rules(PodCaptureRules.of(ALL));
    assertThat(sidecar("http://10.77.0.1:8080/")).isEqualTo(INBOUND);
    assertThat(sidecar("http://[fd77::1]:8080/")).isEqualTo(INBOUND);
    assertThat(sidecar("http://10.77.0.1:8080/", "--interface", "127.0.0.6"))
        .as("and reaches the application from 127.0.0.6")
        .isEqualTo(APPLICATION);
    assertThat(sidecar("http://[fd77::1]:8080/", "--interface", "::6")).isEqualTo(APPLICATION);
  }

  @Test
  void exclusionsAreNotCaptured() {
    network.rules(
        PodCaptureRules.of(
            capture(
                List.of(15020, 9090),
                List.of(CidrBlock.of("10.77.0.2/32"), CidrBlock.of("fd77::2/128")),
                List.of())));
    assertThat(app("http://10.77.0.2:80/")).isEqualTo("peer 80");
    assertThat(app("http://[fd77::2]:80/")).isEqualTo("peer 80");
    assertThat(network.askedByPeer("http://10.77.0.1:9090/")).isEqualTo("pod 9090");
    assertThat(network.askedByPeer("http://10.77.0.1:8080/")).isEqualTo(INBOUND);
    network.rules(PodCaptureRules.of(capture(List.of(), List.of(), List.of(3306))));
    assertThat(app("http://10.77.0.2:3306/")).isEqualTo("peer 3306");
    assertThat(app("http://[fd77::2]:3306/")).isEqualTo("peer 3306");
    assertThat(app("http://10.77.0.2:80/")).isEqualTo(OUTBOUND);
  }

  @Test
  void onlyWhatIsIncludedIsCaptured() {
    network.rules(
        PodCaptureRules.of(
            new PodCapture(
                SIDECAR,
                SIDECAR,
                Optional.of(new Choice<>(List.of(8080))),
                List.of(),
                Optional.of(new Choice<>(List.of(CidrBlock.of("fd77::/64")))),
                List.of(),
                List.of(3306),
                List.of(),
                List.of(),
                List.of())));
    assertThat(app("http://[fd77::2]:80/")).isEqualTo(OUTBOUND);
    assertThat(app("http://10.77.0.2:80/")).isEqualTo("peer 80");
    assertThat(app("http://10.77.0.2:3306/")).isEqualTo(OUTBOUND);
    assertThat(network.askedByPeer("http://10.77.0.1:8080/")).isEqualTo(INBOUND);
    assertThat(network.askedByPeer("http://10.77.0.1:9090/")).isEqualTo("pod 9090");
  }

  @Test
  void anInterfaceIsExcludedOrItsTrafficIsTheApplications() {
    network.rules(PodCaptureRules.of(with(List.of("eth0"), List.of())));
    assertThat(app("http://10.77.0.2:80/")).isEqualTo("peer 80");
    assertThat(network.askedByPeer("http://10.77.0.1:8080/")).isEqualTo("pod 8080");
    network.rules(PodCaptureRules.of(with(List.of(), List.of("eth0"))));
    assertThat(network.askedByPeer("http://10.77.0.1:8080/"))
        .as("what a virtual machine behind it sends")
        .isEqualTo(OUTBOUND);
  }

  private static PodCapture with(List<String> excluded, List<String> rerouted) {
    return new PodCapture(
        SIDECAR,
        SIDECAR,
        Optional.of(Choice.all()),
        List.of(),
        Optional.of(Choice.all()),
        List.of(),
        List.of(),
        List.of(),
        excluded,
        rerouted);
  }

  @Test
  void aSecondRunTakesThePlaceOfTheFirst() {
    network.rules(PodCaptureRules.of(ALL));
    String once = network.rules();
    network.rules(PodCaptureRules.of(ALL));
    assertThat(network.rules()).isEqualTo(once);
    assertThat(once.lines().filter(line -> line.startsWith("table"))).hasSize(1);
  }
}
