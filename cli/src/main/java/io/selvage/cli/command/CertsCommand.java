package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.CertificateReport;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
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
    description = "Show the chain that a workload presents, and the roots that it trusts.",
    footer = "%nExit status: 1 the certificate is not renewed, or there is none yet.")
final class CertsCommand implements Callable<Integer> {

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm'Z'").withZone(ZoneOffset.UTC);

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;
  @Mixin private OutputChoice output;

  @Parameters(paramLabel = "WORKLOAD", description = "NAME or NAMESPACE/NAME.")
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
    if (output.forPrograms()) {
      SelvageCommand.print(spec, output.rendered(answer));
    } else {
      print(report);
    }
    return report.trouble().isEmpty() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private void print(CertificateReport report) {
    var style = SelvageCommand.style(spec);
    SelvageCommand.print(spec, style.strong(report.spiffeId()), style.faint(report.workload()), "");
    int place = 0;
    for (var certificate : report.chain()) {
      String role =
          place == 0
              ? "leaf"
              : certificate.subject().equals(certificate.issuer()) ? "root" : "intermediate";
      SelvageCommand.print(
          spec,
          "%d %s".formatted(place++, role),
          "  subject  " + named(certificate.subject()),
          "  issuer   " + named(certificate.issuer()),
          "  serial   " + certificate.serial(),
          "  sha256   " + certificate.sha256(),
          "  valid    %s to %s, %s left"
              .formatted(
                  DAY.format(certificate.notBefore()),
                  DAY.format(certificate.notAfter()),
                  left(certificate)));
    }
    SelvageCommand.print(spec, "", "trusted roots");
    for (var root : report.roots()) {
      SelvageCommand.print(
          spec,
          "  " + named(root.subject()),
          "    sha256 %s…, %s left".formatted(root.sha256().substring(0, 16), left(root)));
    }
    if (!report.trouble().isEmpty()) {
      SelvageCommand.print(spec, "");
      SelvageCommand.page()
          .wrapped("× ", 2, report.trouble())
          .forEach(line -> SelvageCommand.print(spec, line));
    }
  }

  private static String named(String subject) {
    return subject.isEmpty() ? "(empty)" : subject;
  }

  private static String left(CertificateReport.Certificate certificate) {
    return Spans.shown(Duration.between(Instant.now(), certificate.notAfter()));
  }
}
