package io.selvage.cli.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkloadsFileTest {

  private static WorkloadsFile parse(String text) {
    return WorkloadsFile.parse("w.yaml", text, Path.of("/folder"));
  }

  private static List<String> problems(String text) {
    return parse(text).problems().stream().map(Problem::render).toList();
  }

  @Test
  void aWholeEntryIsRead() {
    var file =
        parse(
            """
            clusters:
            - {name: east, ca: istiod}
            - {name: west, ca: meshca}
            workloads:
            - name: httpbin
              namespace: sample
              cluster: east
              serviceAccount: web
              labels: {app: httpbin, version: v1}
              command: [selvage, httpbin, --port, 8000]
              env: {A: b}
              cwd: app
              ports:
              - {name: http, port: 8000}
              services: [httpbin, web]
            """);
    assertThat(file.problems()).isEmpty();
    assertThat(file.clusters())
        .containsExactly(
            new WorkloadsFile.ClusterSpec("east", "istiod", Optional.empty()),
            new WorkloadsFile.ClusterSpec("west", "meshca", Optional.empty()));
    var workload = file.workloads().getFirst();
    assertThat(workload.fileName()).isEqualTo("east.sample.httpbin");
    assertThat(workload.serviceAccount()).isEqualTo("web");
    assertThat(workload.services()).containsExactly("httpbin", "web");
    assertThat(workload.ports()).containsExactly(new WorkloadSpec.Port("http", 8000, "TCP"));
    assertThat((WorkloadSpec.Command) workload.runs())
        .satisfies(
            command -> {
              assertThat(command.line()).containsExactly("selvage", "httpbin", "--port", "8000");
              assertThat(command.directory()).hasValue(Path.of("/folder/app"));
            });
  }

  @Test
  void whatIsNotWrittenHasDefaults() {
    var workload =
        parse("workloads: [{name: db, listening: '127.0.0.1:5432'}]").workloads().getFirst();
    assertThat(workload.namespace()).isEqualTo("default");
    assertThat(workload.serviceAccount()).isEqualTo("default");
    assertThat(workload.labels()).isEqualTo(Map.of("app", "db"));
    assertThat(workload.runs())
        .isInstanceOfSatisfying(
            WorkloadSpec.Listening.class, l -> assertThat(l.at().getPort()).isEqualTo(5432));
  }

  @Test
  void anUnknownFieldIsLocatedAndTheNearestNamed() {
    assertThat(
            problems(
                """
                workloads:
                - name: a
                  command: [sleep, infinity]
                  namspace: sample
                """))
        .containsExactly(
            "w.yaml:4: workloads[0].namspace: is not a field here; did you mean \"namespace\"?");
  }

  @Test
  void everyMistakeIsReportedAtOnce() {
    assertThat(
            problems(
                """
                workloads:
                - name: Bad_Name
                  command: [a]
                  ports: [{port: 70000}]
                - namespace: x
                  listening: 10.0.0.1:80
                """))
        .hasSize(4)
        .anySatisfy(p -> assertThat(p).startsWith("w.yaml:2: workloads[0].name: `Bad_Name`"))
        .anySatisfy(p -> assertThat(p).startsWith("w.yaml:4: workloads[0].ports[0].port: must"))
        .anySatisfy(p -> assertThat(p).startsWith("w.yaml:5: workloads[1].name: is missing"))
        .anySatisfy(p -> assertThat(p).startsWith("w.yaml:6: workloads[1].listening: must be 127"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                   | the file is empty",
        "'workloads: ['                                       | is not YAML",
        "'workloads: {}'                                      | must be a list, not mapping",
        "'workloads: []'                                      | names no workload",
        "'[a]'                                                | must be a mapping, not list",
        "'workloads: [{name: a}]'                             | either `command` or `listening`",
        "'workloads: [{name: a, name: b, command: x}]'        | twice",
        "'workloads: [{name: a, command: x, cluster: north}]' | not in the list `clusters`",
        "'workloads: [{name: a, command: x, proxy: envoy}]'   | must be selvage or external",
      })
  void aBadFileIsRefusedWithItsReason(String text, String reason) {
    assertThat(problems(text)).anySatisfy(problem -> assertThat(problem).contains(reason));
  }

  @Test
  void theProxyIsOursUnlessItIsSaidToBeAnother() {
    assertThat(
            parse("workloads: [{name: a, command: x}, {name: b, command: x, proxy: external}]")
                .workloads())
        .extracting(WorkloadSpec::proxy)
        .containsExactly(WorkloadSpec.Proxy.SELVAGE, WorkloadSpec.Proxy.EXTERNAL);
  }

  @Test
  void twoOfOneNameAreRefused() {
    assertThat(problems("workloads: [{name: a, command: x}, {name: a, command: y}]"))
        .singleElement()
        .asString()
        .contains("default/a is there twice");
  }

  @Test
  void withTwoClustersEachWorkloadNamesItsOwn() {
    assertThat(problems("{clusters: [{name: a}, {name: b}], workloads: [{name: x, command: y}]}"))
        .singleElement()
        .asString()
        .contains("there are 2 clusters");
  }

  @Test
  void workloadsBehindOneServiceHaveALabelInCommon() {
    String two =
        "workloads: [{name: a, command: x, service: s%1$s}, {name: b, command: y, service: s%1$s}]";
    assertThat(problems(two.formatted("")))
        .singleElement()
        .asString()
        .contains("service default/s can select none of default/a and default/b");
    assertThat(problems(two.formatted(", labels: {app: s}"))).isEmpty();
  }
}
