package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.CertificateReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage certs WORKLOAD}. */
@Command(
    name = "certs",
    description = "Show the certificates that a workload presents, and the roots that it trusts.")
final class CertsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;
  @Mixin private OutputChoice output;

  @Parameters(paramLabel = "WORKLOAD", description = "The workload.")
  private String workload;

  @Override
  public Integer call() {
    var mesh = choice.mesh();
    var found = choice.workload(mesh, workload);
    String key = found.cluster() + "/" + found.qualifiedName();
    var answer =
        new AdminClient(mesh)
            .ask("/v1/certs/" + key)
            .orElseThrow(
                () ->
                    new UserError(
                        ExitCode.FINDINGS,
                        key + " has no certificate yet; `selvage status` says what it waits for"));
    var report = JsonMapper.shared().treeToValue(answer, CertificateReport.class);
    if (output.json()) {
      SelvageCommand.print(spec, answer.toPrettyString());
    } else {
      print(report);
    }
    return report.trouble().isEmpty() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private void print(CertificateReport report) {
    var style = SelvageCommand.style(spec);
    SelvageCommand.print(spec, style.strong(report.spiffeId()) + "  (" + report.workload() + ")");
    section("chain", report.chain());
    section("trusted roots", report.roots());
    if (!report.trouble().isEmpty()) {
      SelvageCommand.print(spec, style.bad(report.trouble()));
    }
  }

  private void section(String title, List<CertificateReport.Certificate> certificates) {
    SelvageCommand.print(spec, title);
    for (var certificate : certificates) {
      SelvageCommand.print(
          spec,
          "  subject  " + (certificate.subject().isEmpty() ? "(empty)" : certificate.subject()),
          "  issuer   " + certificate.issuer(),
          "  serial   " + certificate.serial(),
          "  sha256   " + certificate.sha256(),
          "  valid    %s to %s (%s left)"
              .formatted(
                  certificate.notBefore(),
                  certificate.notAfter(),
                  StatusCommand.span(Duration.between(Instant.now(), certificate.notAfter()))),
          "");
    }
  }
}
