package io.selvage.cli.command;

import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.doctor.cloud.GoogleCloud;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.fix.ClusterHand;
import io.selvage.doctor.kubernetes.KubernetesApi;
import io.selvage.doctor.kubernetes.KubernetesClusters;
import io.selvage.doctor.kubernetes.KubernetesCollector;
import io.selvage.doctor.kubernetes.fix.KubernetesHand;
import io.selvage.doctor.kubernetes.probe.KubernetesProber;
import io.selvage.doctor.kubernetes.probe.LeftOvers;
import io.selvage.doctor.probe.Conversation;
import io.selvage.doctor.probe.ProbeRequest;
import io.selvage.doctor.probe.Prober;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.event.Level;

/** Kubernetes clusters that are looked at, each by its context. */
final class DoctorClusters implements DoctorSource {
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final Duration PODS = Duration.ofMinutes(2);

  private final Map<String, KubernetesClient> clients;
  private final Wanted wanted;
  private final InstantSource clock = InstantSource.system();

  /**
   * Which clusters, and how far to look.
   *
   * @param contexts none for the current one
   * @param all every context of the kubeconfig
   * @param since how far back logs are read
   * @param limit of the whole run
   * @param probes empty when no request is to be sent
   */
  record Wanted(
      List<String> contexts,
      boolean all,
      Optional<Path> kubeconfig,
      Duration since,
      Duration limit,
      int proxies,
      Optional<ProbeRequest> probes,
      Optional<Conversation> conversation) {}

  private DoctorClusters(Map<String, KubernetesClient> clients, Wanted wanted) {
    this.clients = clients;
    this.wanted = wanted;
  }

  /** Nothing is sent yet. */
  static DoctorClusters open(Wanted wanted) {
    LogRouting.ownToStandardError(Level.ERROR);
    Map<String, KubernetesClient> clients = new LinkedHashMap<>();
    try {
      if (wanted.contexts().isEmpty()) {
        KubernetesClient client = ClusterConnection.open(wanted.kubeconfig(), Optional.empty());
        if (wanted.all()) {
          List<String> names =
              client.getConfiguration().getContexts().stream().map(NamedContext::getName).toList();
          client.close();
          names.forEach(name -> open(wanted, name, clients));
        } else {
          clients.put(current(client.getConfiguration()), client);
        }
      } else {
        wanted.contexts().forEach(name -> open(wanted, name, clients));
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
    if (clients.isEmpty()) {
      throw new UserError(ExitCode.NO_ACCESS, "the kubeconfig has no context");
    }
    return new DoctorClusters(clients, wanted);
  }

  private static void open(Wanted wanted, String name, Map<String, KubernetesClient> clients) {
    try {
      clients.put(name, ClusterConnection.open(wanted.kubeconfig(), Optional.of(name)));
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static String current(Config config) {
    NamedContext context = config.getCurrentContext();
    return context == null || context.getName() == null ? "in-cluster" : context.getName();
  }

  @Override
  public Evidence look(Consumer<String> progress) throws InterruptedException {
    return look(progress, _ -> {});
  }

  @Override
  public Evidence look(Consumer<String> progress, Consumer<Evidence> soFar)
      throws InterruptedException {
    var settings =
        new KubernetesCollector.Settings(
            clock.instant().minus(wanted.since()),
            wanted.proxies(),
            wanted.conversation(),
            CALL,
            patience(wanted.limit()));
    List<KubernetesApi> apis = new ArrayList<>();
    clients.forEach((name, client) -> apis.add(new KubernetesApi(client, name, CALL)));
    Evidence seen =
        new KubernetesClusters(
                apis, settings, clock, new GoogleCloud(System.getenv(), MeshChoice.home(), clock))
            .collect(progress, soFar);
    if (wanted.probes().isPresent()) {
      soFar.accept(ProbedClusters.unfinished(seen));
    }
    return probed(seen, progress);
  }

  /** So that what was seen until then is still judged and shown within the limit of the run. */
  private static Duration patience(Duration limit) {
    Duration half = limit.dividedBy(2);
    return half.compareTo(PODS) < 0 ? half : PODS;
  }

  private Evidence probed(Evidence seen, Consumer<String> progress) throws InterruptedException {
    if (wanted.probes().isEmpty()) {
      return seen;
    }
    return ProbedClusters.of(
        seen,
        cluster ->
            cluster.reached().found().orElse(false)
                ? probed(cluster, wanted.probes().get(), progress)
                : cluster);
  }

  private ClusterEvidence probed(
      ClusterEvidence cluster, ProbeRequest request, Consumer<String> progress)
      throws InterruptedException {
    Prober prober =
        new KubernetesProber(
            client(cluster.context()), MeshStart.keys(), clock, new SecureRandom());
    Consumer<String> told = what -> progress.accept(cluster.context() + ": " + what);
    return (wanted.conversation().isPresent()
            ? prober.converse(cluster, wanted.conversation().get())
            : prober.probe(cluster, request, told))
        .into(cluster);
  }

  private KubernetesClient client(String context) {
    KubernetesClient client = clients.get(context);
    if (client == null) {
      throw new IllegalArgumentException("no context " + context);
    }
    return client;
  }

  @Override
  public ClusterHand hand(String context) {
    return new KubernetesHand(client(context), clock);
  }

  @Override
  public List<String> cleanUp() {
    List<String> gone = new ArrayList<>();
    clients.forEach(
        (name, client) -> {
          try {
            new LeftOvers(client)
                .removeExpired(clock.instant())
                .forEach(namespace -> gone.add(name + ": namespace " + namespace));
          } catch (KubernetesClientException e) {
            throw new UserError(ExitCode.NO_ACCESS, name + ": " + e.getMessage());
          }
        });
    return gone;
  }

  @Override
  public void close() {
    clients.values().forEach(KubernetesClient::close);
  }
}
