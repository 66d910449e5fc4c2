package io.selvage.doctor.check.tls;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.mesh.LogSignature;
import io.selvage.doctor.mesh.Occurrences;
import io.selvage.doctor.mesh.Unanswered;
import io.selvage.doctor.view.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Connections that clients' proxies could not open because of TLS, by their access logs: Envoy and
 * Selvage's proxy write {@code TLS_error} and BoringSSL's reason into {@code
 * %UPSTREAM_TRANSPORT_FAILURE_REASON%}; Selvage's says it in its log, too.
 */
public final class UpstreamFailures {
  /** None. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV2012",
              "clients' proxies open TLS without failures",
              Set.of(Source.LOGS),
              FixClass.EXPLAINED,
              "R4"),
          UpstreamFailures::ask);

  private UpstreamFailures() {}

  /** What goes wrong where. */
  private record Failure(String namespace, String pod, String to, String reason) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<List<LogLine>> lines = Need.of(cluster.proxyLogs(), "the proxies' logs", results);
    if (lines.isEmpty()) {
      return;
    }
    Map<Failure, List<LogLine>> by = new LinkedHashMap<>();
    List<LogSignature.Match> matches = LogSignature.find(LogSignature.UPSTREAM_TLS, lines.get());
    matches.stream()
        .filter(match -> !isAddress(match) || matches.stream().noneMatch(one -> names(one, match)))
        .forEach(
            match -> by.computeIfAbsent(failure(match), _ -> new ArrayList<>()).add(match.line()));
    Duration window = Duration.between(cluster.since(), cluster.taken());
    List<String> passing = new ArrayList<>();
    by.forEach(
        (failure, of) -> {
          var all = new Occurrences(of, window);
          if (all.isPersistent(cluster.taken())) {
            tell(failure, all, results);
          } else {
            passing.add("%s to %s %s".formatted(failure.reason(), failure.to(), all));
          }
        });
    Unanswered.of(cluster).tell("logs", results);
    if (results.isFine()) {
      results.pass(
          passing.isEmpty()
              ? "no proxy logged a TLS failure towards a server"
              : "only in passing: " + String.join("; ", passing));
    }
  }

  /** It names an endpoint, as our proxy's own log does. */
  private static boolean isAddress(LogSignature.Match match) {
    return match.part("host").matches("[0-9.]+|.*:.*");
  }

  /** An access log tells the same with the name that was called. */
  private static boolean names(LogSignature.Match named, LogSignature.Match same) {
    return !named.part("host").isEmpty()
        && !isAddress(named)
        && named.part("reasons").equals(same.part("reasons"))
        && named.line().pod().equals(same.line().pod())
        && named.line().namespace().equals(same.line().namespace());
  }

  private static Failure failure(LogSignature.Match match) {
    String host = match.part("host");
    return new Failure(
        match.line().namespace(),
        match.line().pod(),
        host.isEmpty() ? "a server" : host + ":" + match.part("port"),
        match.part("reasons"));
  }

  private static void tell(Failure failure, Occurrences all, Results results) {
    var said =
        results
            .fail(
                "%s/%s cannot open TLS to %s: %s, %s"
                    .formatted(
                        failure.namespace(), failure.pod(), failure.to(), failure.reason(), all))
            .about(new ObjectRef("Pod", failure.namespace(), failure.pod()))
            .seen(
                all.lines().getLast().text().strip(),
                "log of %s/%s".formatted(failure.namespace(), failure.pod()))
            .by(Confidence.INFERRED_FROM_LOGS)
            .effect("these calls fail with 503 (UF, URX)");
    all.first().ifPresent(said::since);
    switch (failure.reason()) {
      case "CERTIFICATE_VERIFY_FAILED" ->
          said.cause(
                  "the server's certificate does not lead to a root that the client trusts, has"
                      + " ended, or has another name than the client expects")
              .next("selvage doctor --only SLV1004,SLV1005,SLV1008,SLV8001");
      case "WRONG_VERSION_NUMBER" ->
          said.cause("the client opens TLS, and the server speaks plaintext")
              .next("selvage doctor --only SLV2004,SLV3006");
      case "TLSV1_ALERT_UNKNOWN_CA",
          "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
          "SSLV3_ALERT_BAD_CERTIFICATE",
          "SSLV3_ALERT_CERTIFICATE_EXPIRED" ->
          said.cause("the server refuses the client's certificate: another root, or it has ended")
              .next("selvage doctor --only SLV1004,SLV1006,SLV1007");
      default ->
          said.cause("the two do not agree on TLS: versions, ciphers, or who needs a certificate")
              .next("selvage doctor --only SLV2004,SLV2009");
    }
  }
}
