package io.selvage.it.doctor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.jwks.AddressRules;
import io.selvage.control.jwks.GuardedFetch;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.kubernetes.KubernetesApi;
import io.selvage.doctor.kubernetes.KubernetesCollector;
import io.selvage.doctor.kubernetes.probe.KubernetesProber;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.it.cluster.SelvageImage;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** What {@code selvage doctor --probe} does to one cluster; by itself a process to be ended. */
final class Probing {
  private static final ProbeRequest REQUEST =
      new ProbeRequest(
          Optional.of(SelvageImage.NAME),
          ProbeRequest.DEFAULTS.life(),
          ProbeRequest.DEFAULTS.limit(),
          ProbeRequest.DEFAULTS.patience());

  /** For what is not going to come. */
  private static final Duration SHORT = Duration.ofSeconds(6);

  private final KubernetesClient client;
  private final String context;
  private final InstantSource clock = InstantSource.system();

  Probing(KubernetesClient client, String context) {
    this.client = client;
    this.context = context;
  }

  /** Looks, without probes. */
  ClusterEvidence look() {
    return new KubernetesCollector(
            new KubernetesApi(client, context, Duration.ofSeconds(5)),
            KubernetesCollector.Settings.since(clock.instant().minus(Duration.ofMinutes(10))),
            clock)
        .collect(_ -> {});
  }

  KubernetesProber prober() throws Exception {
    return new KubernetesProber(
        client,
        new GuardedFetch(
            AddressRules.PUBLIC_ONLY, InetAddress::getAllByName, SSLContext.getDefault()),
        clock,
        new SecureRandom());
  }

  /** Looks and probes. */
  Evidence probe() throws Exception {
    return probe(REQUEST);
  }

  /** The same, which waits less for what does not come. */
  Evidence probeInHaste() throws Exception {
    return probe(new ProbeRequest(REQUEST.image(), REQUEST.life(), REQUEST.limit(), SHORT));
  }

  private Evidence probe(ProbeRequest request) throws Exception {
    ClusterEvidence seen = look();
    return evidence(prober().probe(seen, request, _ -> {}).into(seen));
  }

  static Evidence evidence(ClusterEvidence seen) {
    return new Evidence(seen.taken(), seen.since(), List.of(seen));
  }

  /** Probes the cluster of a kubeconfig and a context. */
  public static void main(String[] arguments) throws Exception {
    try (KubernetesClient client =
        ClusterConnection.open(Optional.of(Path.of(arguments[0])), Optional.of(arguments[1]))) {
      new Probing(client, arguments[1]).probe();
    }
  }
}
