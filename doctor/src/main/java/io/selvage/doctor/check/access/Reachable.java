package io.selvage.doctor.check.access;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Look;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** SLV0001: the context leads to an API server that answers, and which one that is. */
public final class Reachable {
  private Reachable() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV0001",
            "the context leads to a cluster that answers",
            Set.of(Source.OBJECTS),
            FixClass.PRINTED,
            "R11"),
        Reachable::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    String way = "context %s -> %s".formatted(cluster.context(), cluster.server());
    switch (cluster.reached()) {
      case Look.Seen<Boolean>(Boolean answers) when answers ->
          results
              .pass("%s answers%s".formatted(way, version(cluster)))
              .seen("reached", "GET /version");
      case Look.Seen<Boolean> _ -> fail(cluster, way, "it does not answer", results);
      case Look.Unseen<Boolean>(String why, Optional<String> _) -> fail(cluster, way, why, results);
    }
  }

  private static String version(ClusterEvidence cluster) {
    return cluster
        .version()
        .found()
        .map(version -> version.path("gitVersion").asString(""))
        .filter(version -> !version.isEmpty())
        .map(version -> " (Kubernetes " + version + ")")
        .orElse("");
  }

  private static void fail(ClusterEvidence cluster, String way, String why, Results results) {
    Hop hop = Hop.of(why);
    results
        .fail("%s: %s".formatted(way, why))
        .seen(why, "GET " + cluster.server() + "/version")
        .cause(hop.cause)
        .effect("nothing of this cluster could be looked at")
        .next(
            hop.next.formatted(
                cluster.server().replaceFirst("^https?://", "").replaceFirst("[:/].*", ""),
                cluster.context()));
  }

  /** The first hop that is broken, by what its failure sounds like. */
  private enum Hop {
    NAME("the server's name cannot be resolved", "getent hosts %1$s"),
    CREDENTIALS(
        "the API server does not accept the context's credentials",
        "kubectl --context %2$s auth whoami"),
    TLS(
        "the TLS handshake fails: another CA than the kubeconfig has, a proxy between, or a clock",
        "kubectl --context %2$s version -v=8"),
    CONNECTION(
        "there is no connection: a firewall, a VPN that is down, a private endpoint, or the API"
            + " server is down",
        "kubectl --context %2$s --request-timeout=5s version");

    private final String cause;
    private final String next;

    Hop(String cause, String next) {
      this.cause = cause;
      this.next = next;
    }

    private static Hop of(String why) {
      String said = why.toLowerCase(Locale.ROOT);
      if (said.contains("unknownhost")
          || said.contains("resolve")
          || said.contains("no such host")) {
        return NAME;
      }
      if (said.contains("401") || said.contains("unauthorized") || said.contains("credential")) {
        return CREDENTIALS;
      }
      return said.contains("certificate")
              || said.contains("pkix")
              || said.contains("ssl")
              || said.contains("tls")
          ? TLS
          : CONNECTION;
    }
  }
}
