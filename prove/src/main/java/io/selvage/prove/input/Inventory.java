package io.selvage.prove.input;

import io.selvage.model.Endpoint;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PodTemplate;
import io.selvage.model.WorkloadEntry;
import io.selvage.prove.ProvedWorkload;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The workloads of one cluster: what Pods are made from, Pods that nothing known makes, and
 * WorkloadGroups with what registered in them, and other WorkloadEntries, with the ports that
 * Services and ServiceEntries declare of them.
 */
public final class Inventory {
  /** Labels that tell replicas of one workload apart. */
  private static final Set<String> OF_REPLICA =
      Set.of(
          "statefulset.kubernetes.io/pod-name",
          "apps.kubernetes.io/pod-index",
          "batch.kubernetes.io/job-completion-index",
          "batch.kubernetes.io/job-name",
          "batch.kubernetes.io/controller-uid",
          "job-name",
          "controller-uid");

  /** Labels that controllers and injectors add to what a template says. */
  private static final List<String> ADDED =
      List.of(
          "pod-template-hash",
          "controller-revision-hash",
          "pod-template-generation",
          "security.istio.io/",
          "service.istio.io/",
          "topology.istio.io/");

  private static final String REGISTERED_WITH = "istio.io/autoRegistrationGroup";

  private final String cluster;
  private final MeshSnapshot snapshot;
  private final ServicePorts ports;
  private final ProxiedPods proxies;
  private final Map<String, PodTemplate> makers = new HashMap<>();
  private final Map<String, ProvedWorkload> found = new LinkedHashMap<>();

  private Inventory(String cluster, MeshSnapshot snapshot) {
    this.cluster = cluster;
    this.snapshot = snapshot;
    this.ports = new ServicePorts(snapshot);
    this.proxies = new ProxiedPods(snapshot);
  }

  /**
   * Finds them.
   *
   * @param cluster empty when it has no name
   * @return by namespace and name
   */
  public static List<ProvedWorkload> of(
      String cluster, MeshSnapshot snapshot, List<PodTemplate> templates) {
    Inventory inventory = new Inventory(cluster, snapshot);
    inventory.take(templates);
    snapshot.all(WorkloadEntry.class).forEach(inventory::add);
    return inventory.found.values().stream()
        .sorted(Comparator.comparing(ProvedWorkload::namespace).thenComparing(ProvedWorkload::name))
        .toList();
  }

  private void take(List<PodTemplate> templates) {
    templates.forEach(template -> makers.putIfAbsent(key(template.kind(), template), template));
    List<PodTemplate> made = new ArrayList<>();
    for (PodTemplate template : templates) {
      if (template.over()) {
        continue;
      }
      if (template.owner().isEmpty()) {
        add(template, template.name());
      } else {
        made.add(template);
      }
    }
    // What is made comes after its makers, and counts only where it differs from them.
    for (PodTemplate template : made) {
      PodTemplate maker = maker(template);
      if (maker.equals(template)) {
        add(template, origin(template));
      } else if (isLike(template, maker)) {
        String name = keyOf(maker.namespace(), maker.name());
        found.computeIfPresent(
            name, (_, known) -> withAddresses(known, addresses(template.addresses())));
      } else {
        add(template, template.name());
      }
    }
  }

  private static String key(String kind, PodTemplate template) {
    return kind + " " + template.qualifiedName();
  }

  /** Who stands at the head of the known owners; itself when none is known. */
  private PodTemplate maker(PodTemplate template) {
    PodTemplate at = template;
    for (int steps = 0; steps < 4; steps++) {
      Optional<String> owner = at.owner();
      if (owner.isEmpty()) {
        return at;
      }
      int slash = owner.get().indexOf('/');
      String kind = owner.get().substring(0, slash);
      String name = owner.get().substring(slash + 1);
      PodTemplate next = makers.get(kind + " " + at.namespace() + "/" + name);
      if (next == null && kind.equals("ReplicaSet")) {
        next = makers.get("Deployment " + at.namespace() + "/" + ofReplicaSet(at, name));
      }
      if (next == null) {
        return at;
      }
      at = next;
    }
    return at;
  }

  /** A workload's name by the names of those whom nobody knows. */
  private static String origin(PodTemplate template) {
    String owner = template.owner().orElse("/" + template.name());
    String name = owner.substring(owner.indexOf('/') + 1);
    return owner.startsWith("ReplicaSet/") ? ofReplicaSet(template, name) : name;
  }

  private static String ofReplicaSet(PodTemplate pod, String name) {
    String hash = pod.labels().getOrDefault("pod-template-hash", "");
    return !hash.isEmpty() && name.endsWith("-" + hash)
        ? name.substring(0, name.length() - hash.length() - 1)
        : name;
  }

  private String keyOf(String namespace, String name) {
    return cluster.isEmpty() ? namespace + "/" + name : cluster + "/" + namespace + "/" + name;
  }

  private boolean isLike(PodTemplate made, PodTemplate maker) {
    return proxies.isEnforced(made) == proxies.isEnforced(maker)
        && isOf(maker, made.serviceAccount(), made.labels());
  }

  private static boolean isOf(PodTemplate maker, String account, Map<String, String> labels) {
    return account.equals(maker.serviceAccount())
        && written(labels).equals(written(maker.labels()));
  }

  private static Map<String, String> written(Map<String, String> labels) {
    Map<String, String> written = ofAllReplicas(labels);
    written.keySet().removeIf(label -> ADDED.stream().anyMatch(label::startsWith));
    return written;
  }

  private static Map<String, String> ofAllReplicas(Map<String, String> labels) {
    Map<String, String> shared = new LinkedHashMap<>(labels);
    shared.keySet().removeAll(OF_REPLICA);
    return shared;
  }

  private void add(PodTemplate template, String name) {
    Map<String, String> labels = ofAllReplicas(template.labels());
    Map<String, Integer> named = new HashMap<>();
    template.ports().stream()
        .filter(port -> !port.name().isEmpty())
        .forEach(port -> named.putIfAbsent(port.name(), port.number()));
    boolean machines = template.kind().equals(PodTemplate.WORKLOAD_GROUP);
    add(
        new ProvedWorkload(
            cluster,
            template.namespace(),
            name,
            labels,
            principal(template.namespace(), template.serviceAccount()),
            machines
                ? ports.ofMachine(template.namespace(), labels, named)
                : ports.of(template.namespace(), labels, named),
            addresses(template.addresses()),
            machines || proxies.isEnforced(template),
            template.at()),
        template.kind());
  }

  private void add(WorkloadEntry entry) {
    String namespace = entry.meta().namespace();
    Endpoint endpoint = entry.endpoint();
    PodTemplate group = makers.get(groupOf(entry));
    if (group != null && isOf(group, endpoint.serviceAccount(), endpoint.labels())) {
      found.computeIfPresent(
          keyOf(namespace, group.name()),
          (_, known) -> withAddresses(known, addresses(List.of(endpoint.address()))));
      return;
    }
    add(
        new ProvedWorkload(
            cluster,
            namespace,
            entry.meta().name(),
            endpoint.labels(),
            principal(namespace, endpoint.serviceAccount()),
            ports.ofMachine(namespace, endpoint.labels(), endpoint.ports()),
            addresses(List.of(endpoint.address())),
            true,
            entry.meta().at()),
        entry.kind());
  }

  /** The group that a machine registered with, as a key of {@link #makers}. */
  private static String groupOf(WorkloadEntry entry) {
    return "%s %s/%s"
        .formatted(
            PodTemplate.WORKLOAD_GROUP,
            entry.meta().namespace(),
            entry.meta().annotations().getOrDefault(REGISTERED_WITH, ""));
  }

  /** Replicas are one; others of the same name get a name of their own. */
  private void add(ProvedWorkload workload, String kind) {
    String suffix = "." + kind.toLowerCase(Locale.ROOT);
    ProvedWorkload fresh = workload;
    for (int i = 2; ; i++) {
      ProvedWorkload there = found.putIfAbsent(fresh.qualifiedName(), fresh);
      if (there == null) {
        return;
      }
      if (isReplica(there, fresh)) {
        found.put(there.qualifiedName(), withAddresses(there, fresh.addresses()));
        return;
      }
      fresh = named(workload, workload.name() + suffix + (i == 2 ? "" : i - 1));
    }
  }

  private static boolean isReplica(ProvedWorkload one, ProvedWorkload other) {
    return one.labels().equals(other.labels())
        && one.principal().equals(other.principal())
        && one.ports().equals(other.ports())
        && one.enforced() == other.enforced();
  }

  private static ProvedWorkload named(ProvedWorkload of, String name) {
    return new ProvedWorkload(
        of.cluster(),
        of.namespace(),
        name,
        of.labels(),
        of.principal(),
        of.ports(),
        of.addresses(),
        of.enforced(),
        of.at());
  }

  private static ProvedWorkload withAddresses(ProvedWorkload of, List<InetAddress> more) {
    Set<InetAddress> all = new LinkedHashSet<>(of.addresses());
    all.addAll(more);
    return new ProvedWorkload(
        of.cluster(),
        of.namespace(),
        of.name(),
        of.labels(),
        of.principal(),
        of.ports(),
        List.copyOf(all),
        of.enforced(),
        of.at());
  }

  /** Those that are numbers: a name says nothing of who calls. */
  private static List<InetAddress> addresses(List<String> texts) {
    return texts.stream().map(Inventory::address).flatMap(Optional::stream).toList();
  }

  private static Optional<InetAddress> address(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a WorkloadEntry may have any text there
    }
  }

  /** Whom its certificate names; nobody without an account. */
  private Optional<String> principal(String namespace, String account) {
    return account.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "spiffe://%s/ns/%s/sa/%s"
                .formatted(snapshot.meshConfig().trustDomain(), namespace, account));
  }
}
