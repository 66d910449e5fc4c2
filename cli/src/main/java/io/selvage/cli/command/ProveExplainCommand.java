package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.AskedRequest;
import io.selvage.cli.prove.Selection;
import io.selvage.cli.prove.Side;
import io.selvage.prove.Place;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Prover;
import io.selvage.prove.SampleRequest;
import io.selvage.prove.Traced;
import io.selvage.prove.atom.Unmodelled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage prove explain}. */
@Command(
    name = "explain",
    description = {
      "Say what becomes of one request, by which rule and line, and what would turn it.",
      "%n  selvage prove explain --from web/front --to payments/ledger --request \"POST /charge\""
    },
    footer = "%nExit status: 0 it is allowed; 1 it is denied; 2 the input is wrong.")
final class ProveExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ProveInput input;
  @Mixin private ProveChoice choice;
  @Mixin private ProveOutput output;

  @Option(
      names = "--from",
      paramLabel = "CALLER",
      description = "NAMESPACE/SERVICEACCOUNT, a whole identity, or plaintext (default).")
  private String from = "plaintext";

  @Option(names = "--to", paramLabel = "WORKLOAD", required = true, description = "NAMESPACE/NAME.")
  private String to;

  @Option(
      names = "--request",
      paramLabel = "TEXT",
      description = "METHOD PATH, with the host before the path if it matters; or tcp.")
  private String request = "GET /";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The workload's own (default: its first of HTTP, or for tcp its first).")
  private @Nullable Integer port;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME:VALUE",
      description = "A header; may be given many times.")
  private List<String> headers = List.of();

  @Option(
      names = "--claim",
      paramLabel = "NAME=VALUE",
      description = "A claim of the request's token, such as iss and sub; may be given many times.")
  private Map<String, String> claims = new LinkedHashMap<>();

  @Option(names = "--source-ip", paramLabel = "IP", description = "The caller's address.")
  private @Nullable String sourceIp;

  @Option(
      names = "--remote-ip",
      paramLabel = "IP",
      description = "The client's by X-Forwarded-For, where proxies stand before the caller.")
  private @Nullable String remoteIp;

  @Option(names = "--sni", paramLabel = "NAME", description = "The TLS server name.")
  private @Nullable String serverName;

  @Override
  public Integer call() {
    Side side = ProveSides.read(spec, input.mesh());
    ProvedWorkload workload = Selection.workload(side.mesh(), to);
    AskedRequest asked =
        new AskedRequest(
            from.equals("plaintext") ? null : Selection.principal(side.mesh(), from),
            request,
            port,
            headers,
            claims,
            sourceIp,
            remoteIp,
            serverName);
    Place place = asked.place(workload);
    SampleRequest sample = asked.sample(place, side.mesh().snapshotOf(workload).meshConfig());
    Traced traced;
    try {
      traced = new Prover(choice.options()).explain(side.mesh(), workload, sample);
    } catch (IllegalArgumentException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (Unmodelled e) {
      throw new UserError(ExitCode.INCOMPLETE, "SLV9412 inconclusive: " + e.getMessage());
    }
    ProveAnswers.print(spec, output, side, place, sample, traced);
    return traced.allowed() ? ExitCode.OK : ExitCode.FINDINGS;
  }
}
