package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.inject.InjectionChoices;
import io.selvage.control.kubernetes.migrate.Blockers.Blocker;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks at the namespaces of a cluster and at what makes Pods in them, a page at a time. What the
 * user may not list is told of and passed over.
 */
final class ClusterWorkloads {
  /** Objects of one answer: a list of a large cluster is many megabytes. */
  private static final long PAGE = 500;

  /** The node agent of Istio's that sets up capture in the place of init containers. */
  private static final String CNI = "istio-cni-node";

  private final KubernetesClient client;
  private final String home;
  private final List<Blocker> found = new ArrayList<>();

  /**
   * @param home of the control planes
   */
  ClusterWorkloads(KubernetesClient client, String home) {
    this.client = client;
    this.home = home;
  }

  /** Looks; each call looks anew. */
  List<Blocker> look() {
    found.clear();
    Map<String, Map<String, String>> namespaces = new TreeMap<>();
    each(
        "Namespace",
        page -> client.namespaces().list(page),
        (Namespace one) -> namespaces.put(one.getMetadata().getName(), Surveyor.labels(one)));
    WorkloadBlockers blockers =
        new WorkloadBlockers(
            InjectionChoices.of("selvage")
                .in(home, "cluster.local", "Kubernetes", Integer.MAX_VALUE),
            new IstioSelectors(byDefault()),
            namespaces);
    Set<String> injected = new TreeSet<>();
    namespaces.keySet().stream().filter(blockers::isInjected).forEach(injected::add);
    Consumer<HasMetadata> judge = object -> judge(object, blockers, injected);
    var apps = client.apps();
    each("Deployment", page -> apps.deployments().inAnyNamespace().list(page), judge);
    each("StatefulSet", page -> apps.statefulSets().inAnyNamespace().list(page), judge);
    each("DaemonSet", page -> apps.daemonSets().inAnyNamespace().list(page), judge);
    var batch = client.batch().v1();
    each("Job", page -> batch.jobs().inAnyNamespace().list(page), judge);
    each("CronJob", page -> batch.cronjobs().inAnyNamespace().list(page), judge);
    injected.forEach(name -> blockers.ofNamespace(name).ifPresent(found::add));
    return List.copyOf(found);
  }

  private void judge(HasMetadata object, WorkloadBlockers blockers, Set<String> injected) {
    String namespace = object.getMetadata().getNamespace();
    if (object.getKind().equals("DaemonSet") && object.getMetadata().getName().equals(CNI)) {
      found.add(
          new Blocker(
              namespace,
              "DaemonSet",
              CNI,
              false,
              "Istio's sidecars need no privileges here: it sets up their capture. Selvage's do it themselves, by an init container that is root with NET_ADMIN and NET_RAW; such Pods it leaves alone"));
    }
    ObjectNode json =
        (ObjectNode)
            JsonMapper.shared().readTree(client.getKubernetesSerialization().asJson(object));
    if (blockers.couldMove(json)) {
      injected.add(namespace);
    }
    found.addAll(blockers.of(json));
  }

  /** Whether an Istio was installed with {@code enableNamespacesByDefault}. */
  private boolean byDefault() {
    List<Boolean> all = new ArrayList<>();
    each(
        "MutatingWebhookConfiguration",
        page ->
            client
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withLabel("app", "sidecar-injector")
                .list(page),
        (MutatingWebhookConfiguration one) ->
            all.add(
                one.getWebhooks().stream().anyMatch(hook -> hook.getName().startsWith("auto."))));
    return all.contains(true);
  }

  private <T extends HasMetadata> void each(
      String kind,
      Function<ListOptions, ? extends KubernetesResourceList<T>> list,
      Consumer<? super T> what) {
    String next = "";
    do {
      String from = next.isEmpty() ? null : next;
      ListOptions page = new ListOptionsBuilder().withLimit(PAGE).withContinue(from).build();
      try {
        KubernetesResourceList<T> got = list.apply(page);
        got.getItems().forEach(what);
        String more = got.getMetadata().getContinue();
        next = more == null ? "" : more;
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
          throw e;
        }
        found.add(
            Blocker.unseen(
                kind,
                Optional.ofNullable(e.getStatus()).map(Status::getMessage).orElse("forbidden")));
        return;
      }
    } while (!next.isEmpty());
  }
}
