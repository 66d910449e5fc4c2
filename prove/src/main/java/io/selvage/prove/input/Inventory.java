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
import java.util.HashSet;
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
          "rollouts-pod-template-hash",
          "controller-revision-hash",
          "pod-template-generation",
          "security.istio.io/",
          "service.istio.io/",
          "topology.istio.io/");

  /** By which a ReplicaSet's name ends: of Deployments, and of Argo's Rollouts. */
  private static final List<String> HASHES =
      List.of("pod-template-hash", "rollouts-pod-template-hash");

  private static final int MOST_OWNERS = 4;

  private final String cluster;
  private final MeshSnapshot snapshot;
  private final ServicePorts ports;
  private final Enforcers enforcers;
  private final Map<String, PodTemplate> makers = new HashMap<>();

  /** Which workload a template is of, as a key of {@link #found}. */
  private final Map<PodTemplate, String> places = new HashMap<>();

  private final Map<String, ProvedWorkload> found = new LinkedHashMap<>();

  private Inventory(String cluster, MeshSnapshot snapshot) {
    this.cluster = cluster;
    this.snapshot = snapshot;
    this.ports = new ServicePorts(snapshot);
    this.enforcers = new Enforcers(snapshot);
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
    List<PodTemplate> lasting =
        new ArrayList<>(templates.stream().filter(template -> !template.over()).toList());
    // What is made comes after its makers, and counts only where it differs from them.
    lasting.sort(
        Comparator.comparingInt(
            template -> template.owner().isEmpty() ? -1 : makers(template).size()));
    Set<PodTemplate> replaced = replaced(lasting);
    for (PodTemplate template : lasting) {
      Optional<String> like =
          makers(template).stream()
              .filter(maker -> isLike(template, maker))
              .flatMap(maker -> Optional.ofNullable(places.get(maker)).stream())
              .findFirst();
      if (like.isPresent()) {
        places.put(template, like.get());
        found.computeIfPresent(
            like.get(), (_, known) -> withAddresses(known, addresses(template.addresses())));
      } else if (!replaced.contains(template)) {
        add(template, nameOf(template));
      }
    }
  }

  /**
   * What makes Pods of which some run, and each was changed on its way: none got the proxy that was
   * expected, or an admission webhook added labels. The Pods count in its stead.
   */
  private Set<PodTemplate> replaced(List<PodTemplate> templates) {
    Set<PodTemplate> changed = new HashSet<>();
    Set<PodTemplate> kept = new HashSet<>();
    for (PodTemplate pod : templates) {
      if (pod.kind().equals("Pod") && !pod.addresses().isEmpty()) {
        makers(pod).forEach(maker -> (isChanged(pod, maker) ? changed : kept).add(maker));
      }
    }
    changed.removeAll(kept);
    return changed;
  }

  private boolean isChanged(PodTemplate pod, PodTemplate maker) {
    return !isLike(pod, maker)
        && pod.serviceAccount().equals(maker.serviceAccount())
        && written(pod.labels()).entrySet().containsAll(written(maker.labels()).entrySet());
  }

  private static String key(String kind, PodTemplate template) {
    return kind + " " + template.qualifiedName();
  }

  /** Its known owners, the nearest first. */
  private List<PodTemplate> makers(PodTemplate template) {
    List<PodTemplate> all = new ArrayList<>();
    Optional<PodTemplate> next = owner(template);
    while (next.isPresent() && all.size() < MOST_OWNERS) {
      all.add(next.get());
      next = owner(next.get());
    }
    return all;
  }

  private Optional<PodTemplate> owner(PodTemplate of) {
    if (of.owner().isEmpty()) {
      return Optional.empty();
    }
    String owner = of.owner().get();
    int slash = owner.indexOf('/');
    String kind = owner.substring(0, slash);
    String name = owner.substring(slash + 1);
    return Optional.ofNullable(makers.get(kind + " " + of.namespace() + "/" + name))
        .or(
            () ->
                kind.equals("ReplicaSet")
                    ? Optional.ofNullable(
                        makers.get("Deployment " + of.namespace() + "/" + ofReplicaSet(of, name)))
                    : Optional.empty());
  }

  /** A workload's name: that of who stands at the head of its owners, known or not. */
  private String nameOf(PodTemplate template) {
    List<PodTemplate> makers = makers(template);
    PodTemplate last = makers.isEmpty() ? template : makers.getLast();
    if (last.owner().isEmpty()) {
      return last.name();
    }
    String owner = last.owner().get();
    String name = owner.substring(owner.indexOf('/') + 1);
    return owner.startsWith("ReplicaSet/") ? ofReplicaSet(last, name) : name;
  }

  private static String ofReplicaSet(PodTemplate pod, String name) {
    return HASHES.stream()
        .map(label -> "-" + pod.labels().getOrDefault(label, ""))
        .filter(end -> end.length() > 1 && name.endsWith(end))
        .findFirst()
        .map(end -> name.substring(0, name.length() - end.length()))
        .orElse(name);
  }

  private boolean isLike(PodTemplate made, PodTemplate maker) {
    return enforcers.of(made) == enforcers.of(maker)
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
    String place =
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
                enforcers.of(template),
                template.at()),
            template.kind());
    places.put(template, place);
  }

  private void add(WorkloadEntry entry) {
    String namespace = entry.meta().namespace();
    Endpoint endpoint = entry.endpoint();
    PodTemplate group = makers.get(groupOf(entry));
    if (group != null
        && Enforcers.of(entry) == enforcers.of(group)
        && isOf(group, endpoint.serviceAccount(), endpoint.labels())) {
      found.computeIfPresent(
          places.getOrDefault(group, ""),
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
            Enforcers.of(entry),
            entry.meta().at()),
        entry.kind());
  }

  /** The group that a machine registered with, as a key of {@link #makers}. */
  private static String groupOf(WorkloadEntry entry) {
    return "%s %s/%s"
        .formatted(PodTemplate.WORKLOAD_GROUP, entry.meta().namespace(), Enforcers.groupOf(entry));
  }

  /** Replicas are one; others of the same name get a name of their own. Returns it. */
  private String add(ProvedWorkload workload, String kind) {
    String suffix = "." + kind.toLowerCase(Locale.ROOT);
    ProvedWorkload fresh = workload;
    for (int i = 2; ; i++) {
      ProvedWorkload there = found.putIfAbsent(fresh.qualifiedName(), fresh);
      if (there == null) {
        return fresh.qualifiedName();
      }
      if (isReplica(there, fresh)) {
        found.put(there.qualifiedName(), withAddresses(there, fresh.addresses()));
        return there.qualifiedName();
      }
      fresh = named(workload, workload.name() + suffix + (i == 2 ? "" : i - 1));
    }
  }

  private static boolean isReplica(ProvedWorkload one, ProvedWorkload other) {
    return written(one.labels()).equals(written(other.labels()))
        && one.principal().equals(other.principal())
        && one.ports().equals(other.ports())
        && one.enforcer() == other.enforcer();
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
        of.enforcer(),
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
        of.enforcer(),
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
