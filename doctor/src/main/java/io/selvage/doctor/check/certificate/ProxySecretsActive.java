package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Proxies;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.mesh.ProxySecrets;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.mesh.Unanswered;
import io.selvage.doctor.view.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** SLV1006: every proxy has its certificate and the roots, and waits for no secret. */
public final class ProxySecretsActive {
  private ProxySecretsActive() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1006",
            "every proxy has its certificate and its roots",
            Set.of(Source.CONFIG),
            FixClass.SAFE,
            "R3"),
        ProxySecretsActive::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.mesh(cluster, results).isEmpty()) {
      return;
    }
    Optional<List<ProxyView>> proxies = Need.of(cluster.proxies(), "the proxies", results);
    if (proxies.isEmpty()) {
      return;
    }
    if (proxies.get().isEmpty()) {
      results.skip("there is no proxy");
      return;
    }
    List<String> unseen = new ArrayList<>();
    for (ProxyView proxy : proxies.get()) {
      if (!judge(proxy, cluster, results)) {
        unseen.add(Proxies.shown(proxy));
      }
    }
    if (!unseen.isEmpty()) {
      var said =
          results
              .unknown("secrets of %s were not seen".formatted(Shown.some(unseen)))
              .next(
                  "grant create pods/portforward, or look by hand: istioctl proxy-config secret POD");
      Unanswered.of(proxies.get())
          .reasons()
          .forEach(why -> said.seen(why, "the proxies' /config_dump and /certs"));
    } else if (results.all().isEmpty()) {
      results
          .pass("%d proxies have their secrets".formatted(proxies.get().size()))
          .seen("default and ROOTCA are active", "the proxies' /config_dump");
    }
  }

  /** Whether it could be judged. */
  private static boolean judge(ProxyView proxy, ClusterEvidence cluster, Results results) {
    Optional<ProxySecrets> secrets = ProxySecrets.of(proxy);
    if (secrets.isEmpty()) {
      // Without secrets in the dump the page of certificates still says whether there is one.
      if (ProxyCertificate.of(proxy).isPresent()) {
        return true;
      }
      if (proxy.configDump().found().isEmpty() || proxy.certificates().found().isEmpty()) {
        return false;
      }
      fail(
          proxy,
          "has no certificate",
          "no secret in /config_dump, none in /certs",
          cluster,
          results);
      return true;
    }
    for (ProxySecrets.Secret waiting : secrets.get().warming()) {
      String how =
          waiting
              .updated()
              .map(at -> " for " + Shown.duration(Duration.between(at, cluster.taken())))
              .orElse("");
      var said =
          fail(
              proxy,
              "is WARMING on %s%s".formatted(waiting.name(), how),
              "dynamic_warming_secrets: " + waiting.name(),
              cluster,
              results);
      waiting.updated().ifPresent(said::since);
    }
    boolean warms = !secrets.get().warming().isEmpty();
    if (!warms && ProxyCertificate.of(proxy).isEmpty()) {
      fail(proxy, "has no certificate", "no active secret default", cluster, results);
    }
    return true;
  }

  private static Results.Said fail(
      ProxyView proxy, String what, String seen, ClusterEvidence cluster, Results results) {
    var said =
        results
            .fail("%s %s".formatted(Proxies.shown(proxy), what))
            .about(Proxies.ref(proxy))
            .seen(seen, "its /config_dump")
            .cause("its agent got none: the CA cannot be reached or refuses it (SLV5004)")
            .effect("it serves no mTLS, and calls nobody who asks for it")
            .next(
                "kubectl -n %s logs %s -c istio-proxy | grep -iE 'sds|cert|csr'"
                    .formatted(proxy.namespace(), proxy.name()));
    Proxies.restart(cluster, proxy.namespace(), proxy.name()).ifPresent(said::fix);
    return said;
  }
}
