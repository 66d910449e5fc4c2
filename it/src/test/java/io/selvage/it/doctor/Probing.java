package io.selvage.it.doctor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.jwks.AddressRules;
import io.selvage.control.jwks.GuardedFetch;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Doctor;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.kubernetes.KubernetesApi;
import io.selvage.doctor.kubernetes.KubernetesCollector;
import io.selvage.doctor.kubernetes.probe.KubernetesProber;
import io.selvage.doctor.probe.ProbeFindings;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.it.cluster.Kubectl;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/** What {@code selvage doctor --probe} does to one cluster, step by step. */
final class Probing implements AutoCloseable {
  private final KubernetesClient client;
  private final String context;
  private final InstantSource clock = InstantSource.system();

  private Probing(KubernetesClient client, String context) {
    this.client = client;
    this.context = context;
  }

  static Probing of(Path kubeconfig, String context) throws Exception {
    return new Probing(
        ClusterConnection.open(Optional.of(kubeconfig), Optional.of(context)), context);
  }

  KubernetesClient client() {
    return client;
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
  ClusterEvidence probe(ProbeRequest request) throws Exception {
    ClusterEvidence seen = look();
    ProbeFindings found = prober().probe(seen, request, _ -> {});
    return found.into(seen);
  }

  static Diagnosis examine(ClusterEvidence seen) {
    return new Doctor(Catalogue.all())
        .examine(new Evidence(seen.taken(), seen.since(), List.of(seen)));
  }

  /** What a check says of it. */
  static List<Result> results(ClusterEvidence seen, String code) {
    return new Doctor(
            Catalogue.all().stream().filter(check -> check.info().code().equals(code)).toList())
        .examine(new Evidence(seen.taken(), seen.since(), List.of(seen))).findings().stream()
            .map(finding -> finding.result())
            .toList();
  }

  static Set<Status> statuses(ClusterEvidence seen, String code) {
    return results(seen, code).stream().map(Result::status).collect(Collectors.toSet());
  }

  /** Outcomes of one purpose, in words. */
  static List<ProbeOutcome> outcomes(ClusterEvidence seen, ProbeOutcome.Purpose purpose) {
    return seen.probes().found().orElseThrow().stream()
        .filter(one -> one.purpose() == purpose)
        .toList();
  }

  /** Private namespaces that are there. */
  static String leftBy(Kubectl kubectl) {
    return kubectl
        .run("get", "namespaces", "-o", "name", "-l", "app.kubernetes.io/managed-by=selvage-doctor")
        .well()
        .out();
  }

  @Override
  public void close() {
    client.close();
  }
}
