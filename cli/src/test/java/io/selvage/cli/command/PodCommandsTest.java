package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code selvage capture} and {@code selvage inject}, as they are typed. */
class PodCommandsTest {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: sample, annotations: {%s}}
      spec: {containers: [{name: app, image: app}]}
      ---
      {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {answer: "yes", port: "080"}}
      """;

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    return SelvageCommand.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  @Test
  void captureLetsTheSidecarPassBeforeAnythingIsRedirected() {
    assertThat(run("capture", "--print")).isEqualTo(ExitCode.OK);
    List<String> rules = out.toString().lines().map(String::strip).toList();
    assertThat(rules.indexOf("meta skuid 1337 return"))
        .isPositive()
        .isLessThan(rules.indexOf("meta l4proto tcp redirect to :15001"));
    assertThat(rules.subList(0, 2))
        .containsExactly("add table inet selvage_pod", "delete table inet selvage_pod");
    assertThat(rules)
        .containsSubsequence(
            "tcp dport { 15020, 15021, 15090 } return", "meta l4proto tcp redirect to :15006");
  }

  @Test
  void captureDoesAsTheAnnotationsSay() {
    assertThat(
            run(
                "capture",
                "--print",
                "--user=2000",
                "--group=2001",
                "--include-inbound-ports=80,443",
                "--include-outbound-ranges=10.0.0.0/8,fd00::/8",
                "--exclude-outbound-ranges=10.1.0.0/16",
                "--include-outbound-ports=5432",
                "--exclude-outbound-ports=3306",
                "--exclude-interfaces=net1",
                "--reroute-interfaces=vm0"))
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString().lines().map(String::strip))
        .containsSubsequence(
            "iifname \"vm0\" ip daddr 10.0.0.0/8 meta l4proto tcp redirect to :15001",
            "iifname \"vm0\" ip6 daddr fd00:0:0:0:0:0:0:0/8 meta l4proto tcp redirect to :15001",
            "iifname \"vm0\" return",
            "iifname \"net1\" return",
            "tcp dport { 80, 443 } meta l4proto tcp redirect to :15006",
            "oifname \"net1\" return",
            "tcp dport { 3306 } return",
            "meta skuid 2000 return",
            "meta skgid 2001 return",
            "ip daddr 10.1.0.0/16 return",
            "tcp dport { 5432 } meta l4proto tcp redirect to :15001",
            "ip daddr 10.0.0.0/8 meta l4proto tcp redirect to :15001",
            "ip6 daddr fd00:0:0:0:0:0:0:0/8 meta l4proto tcp redirect to :15001");
  }

  @Test
  void nothingIsCapturedWhereNothingIsIncluded() {
    assertThat(run("capture", "--print", "--include-inbound-ports=", "--include-outbound-ranges="))
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString()).doesNotContain(":15001");
    assertThat(out.toString().lines().filter(line -> line.contains(":15006")))
        .allMatch(line -> line.contains("meta sk")); // the sidecar's own calls to the Pod
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--include-inbound-ports=web",
        "--exclude-inbound-ports=0",
        "--exclude-outbound-ports=80;flush ruleset",
        "--include-outbound-ranges=10.0.0.0",
        "--exclude-outbound-ranges=::1/129",
        "--exclude-interfaces=a b",
        "--reroute-interfaces=\"",
        "--user=0",
        "--group=-1",
      })
  void aWrongValueIsAUsageErrorThatNamesTheOption(String argument) {
    assertThat(run("capture", "--print", argument)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(argument.substring(0, argument.indexOf('=')));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void injectPrintsEverythingAndTwiceIsOnce() throws IOException {
    assertThat(run("inject", "-f", file("pod.yaml", POD.formatted("")))).isEqualTo(ExitCode.OK);
    String once = out.toString();
    assertThat(once)
        .contains("name: istio-proxy", "name: istio-init", "image: localhost/selvage:")
        .contains("answer: 'yes'", "port: '080'");
    assertThat(run("inject", "-f", file("once.yaml", once))).isEqualTo(ExitCode.OK);
    assertThat(out).hasToString(once);
    assertThat(err.toString()).contains("Pod sample/web: SLV7241 left as it is");
  }

  @Test
  void injectTakesTheInstallationsChoices() throws IOException {
    assertThat(
            run(
                "inject",
                "-f",
                file("pod.yaml", POD.formatted("")),
                "--sidecar-image=example.com/selvage:2",
                "--sidecar-pull-policy=Never",
                "--sidecar-control-plane=istiod.istio-system.svc:15012",
                "--native-sidecars=false",
                "--sidecar-pull-secret=registry",
                "--sidecar-pull-secret=mirror.example",
                "--sidecar-exclude-outbound-ports=5432, 3306",
                "--sidecar-exclude-inbound-ports=9090",
                "--sidecar-exclude-ip-ranges=169.254.169.254/32",
                "--sidecar-include-ip-ranges=10.0.0.0/8",
                "--sidecar-log-level=warning",
                "--sidecar-cpu-request=50m",
                "--sidecar-memory-request=224Mi",
                "--sidecar-cpu-limit=none",
                "--sidecar-memory-limit=640Mi",
                "--network=n1",
                "--cluster=east",
                "--mesh-id=m"))
        .isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains(
            "image: example.com/selvage:2",
            "imagePullPolicy: Never",
            "value: istiod.istio-system.svc:15012",
            "value: n1",
            "value: east",
            "value: m",
            "  imagePullSecrets:\n  - name: registry\n  - name: mirror.example\n",
            "--exclude-outbound-ports=5432,3306",
            "--exclude-inbound-ports=15021,15090,15020,9090",
            "--exclude-outbound-ranges=169.254.169.254/32",
            "--include-outbound-ranges=10.0.0.0/8",
            "--log-level=warn\n",
            "requests:\n        cpu: 50m\n        memory: 224Mi\n",
            "limits:\n        memory: 640Mi\n")
        .doesNotContain("restartPolicy: Always");
  }

  @Test
  void oneChoiceLeavesTheOthersAsTheyAre() throws IOException {
    String file = file("pod.yaml", POD.formatted(""));
    assertThat(run("inject", "-f", file, "--sidecar-cpu-limit=none")).isEqualTo(ExitCode.OK);
    assertThat(out.toString())
        .contains(
            "image: localhost/selvage:",
            "restartPolicy: Always",
            "requests:\n        cpu: 100m\n        memory: 192Mi\n",
            "limits:\n        memory: 1Gi\n");
  }

  @Test
  void whatCannotBeInjectedIsToldAndNothingIsPrinted() throws IOException {
    String file = file("pod.yaml", POD.formatted("sidecar.istio.io/interceptionMode: TPROXY"));
    assertThat(run("inject", "-f", file)).isEqualTo(ExitCode.FINDINGS);
    assertThat(err.toString()).contains("Pod sample/web: SLV7240 annotation sidecar.istio.io/int");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aFileThatIsMissingOrNoYamlIsAUsageError() throws IOException {
    assertThat(run("inject", "-f", folder.resolve("none").toString())).isEqualTo(ExitCode.USAGE);
    assertThat(run("inject", "-f", file("bad.yaml", "a: [b"))).isEqualTo(ExitCode.USAGE);
    assertThat(run("inject", "-f", file("good.yaml", "a: b"), "--never-inject", "x"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(Stream.of("cannot be read", "is no YAML", "K=V is wanted"))
        .allSatisfy(words -> assertThat(err.toString()).contains(words));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--revision-tag=Prod",
        "--revision-tag=a.b",
        "--revision-tag=",
        "--never-inject=x",
        "--sidecar-pull-secret=A_b",
        "--sidecar-pull-secret=",
        "--sidecar-exclude-outbound-ports=postgres",
        "--sidecar-exclude-inbound-ports=*",
        "--sidecar-exclude-ip-ranges=10.0.0.0",
        "--sidecar-exclude-ip-ranges=*",
        "--sidecar-include-ip-ranges=10.0.0.0/33",
        "--sidecar-log-level=loud",
        "--sidecar-cpu-request=lots",
        "--sidecar-memory-request=",
        "--sidecar-memory-limit=128 Mi",
      })
  void whatAnInstallationCannotChooseIsAUsageErrorOfBothCommandsThatNamesTheOption(String argument)
      throws IOException {
    String file = file("pod.yaml", POD.formatted(""));
    String option = argument.substring(0, argument.indexOf('='));
    assertThat(run("inject", "-f", file, argument)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(option);
    err.getBuffer().setLength(0);
    assertThat(run("control", "--kubeconfig=/no/such/file", argument)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(option).doesNotContain("/no/such/file");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void waitingForASidecarThatIsNotThereTakesNoLongerThanAllowed() {
    assertThat(run("sidecar", "wait", "--timeout=0", "--url=http://127.0.0.1:1/healthz/ready"))
        .isEqualTo(ExitCode.TIME_OUT);
    assertThat(err.toString()).contains("the sidecar is not ready after 0 s");
  }
}
