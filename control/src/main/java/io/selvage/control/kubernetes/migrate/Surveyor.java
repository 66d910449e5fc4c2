package io.selvage.control.kubernetes.migrate;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.migrate.Survey.Ca;
import io.selvage.control.kubernetes.migrate.Survey.Change;
import io.selvage.control.kubernetes.migrate.Survey.ControlPod;
import io.selvage.control.kubernetes.migrate.Survey.Injection;
import io.selvage.control.kubernetes.migrate.Survey.Mesh;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import io.selvage.control.kubernetes.migrate.Survey.Roots;
import io.selvage.control.kubernetes.migrate.Survey.Workload;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
import io.selvage.control.kubernetes.trust.TrustReport;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Looks at a cluster, by reading alone. */
public final class Surveyor {
  private static final String OURS = "selvage";

  private final KubernetesClient client;
  private final String namespace;
  private final InstantSource clock;

  /**
   * @param namespace of the control planes
   */
  public Surveyor(KubernetesClient client, String namespace, InstantSource clock) {
    this.client = client;
    this.namespace = namespace;
    this.clock = clock;
  }

  /**
   * Looks.
   *
   * @throws MigrationRefused when the CA or the mesh's settings make no sense
   */
  public Survey look() throws MigrationRefused {
    List<Pod> pods = client.pods().inAnyNamespace().list().getItems();
    List<ControlPod> istiods = new ArrayList<>();
    List<Workload> workloads = new ArrayList<>();
    for (Pod pod : pods) {
      if (isOver(pod)) {
        continue;
      }
      if (isHome(pod) && "istiod".equals(label(pod, "app"))) {
        istiods.add(
            new ControlPod(
                pod.getMetadata().getName(), revision(pod).orElse("default"), created(pod)));
      } else {
        SurveyedPod.workload(pod).ifPresent(workloads::add);
      }
    }
    workloads.sort(Comparator.comparing(Workload::toString));
    Optional<Secret> plan = RootChange.plan(client, namespace);
    return new Survey(
        clock.instant(),
        namespace,
        mesh(),
        istiods,
        replicas(pods),
        ca(),
        plan.isEmpty() ? Optional.empty() : Optional.of(change(plan.get())),
        roots(),
        namespaces(),
        workloads);
  }

  private static boolean isOver(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return pod.getMetadata().getDeletionTimestamp() != null
        || "Succeeded".equals(phase)
        || "Failed".equals(phase);
  }

  private boolean isHome(HasMetadata object) {
    return namespace.equals(object.getMetadata().getNamespace());
  }

  static Map<String, String> labels(HasMetadata object) {
    return Optional.ofNullable(object.getMetadata().getLabels()).orElse(Map.of());
  }

  private static String label(HasMetadata object, String name) {
    return labels(object).getOrDefault(name, "");
  }

  static Instant created(HasMetadata object) {
    return Instant.parse(object.getMetadata().getCreationTimestamp());
  }

  private static Optional<String> revision(Pod pod) {
    String label = label(pod, InjectionPolicy.REVISION_LABEL);
    return label.isEmpty() ? Optional.empty() : Optional.of(label);
  }

  private Mesh mesh() throws MigrationRefused {
    Optional<ConfigMap> map = MeshSettings.map(client, namespace);
    MeshSettings settings = MeshSettings.of(map);
    return new Mesh(
        settings.trustDomain(), settings.aliases(), map.flatMap(m -> written(m, "f:data")));
  }

  /** When somebody last wrote that part of an object. */
  static Optional<Instant> written(HasMetadata object, String field) {
    return lastWrite(object, field).map(entry -> Instant.parse(entry.getTime()));
  }

  private static Optional<ManagedFieldsEntry> lastWrite(HasMetadata object, String field) {
    return Optional.ofNullable(object.getMetadata().getManagedFields()).orElse(List.of()).stream()
        .filter(entry -> entry.getTime() != null && entry.getFieldsV1() != null)
        .filter(entry -> entry.getFieldsV1().getAdditionalProperties().containsKey(field))
        .max(Comparator.comparing(entry -> Instant.parse(entry.getTime())));
  }

  private Map<String, TrustReport.Entry> replicas(List<Pod> pods) {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(TrustReport.NAME).get();
    Map<String, TrustReport.Entry> all = new TreeMap<>();
    if (map == null || map.getData() == null) {
      return all;
    }
    Set<String> running =
        pods.stream()
            .filter(pod -> isHome(pod) && !isOver(pod) && OURS.equals(label(pod, "app")))
            .map(pod -> pod.getMetadata().getName())
            .collect(Collectors.toSet());
    map.getData()
        .forEach(
            (replica, text) -> {
              String pod = replica.replaceFirst("_.*", "");
              // One that was killed could not take its entry out. Outside of the cluster: all.
              if (running.isEmpty() || running.contains(pod)) {
                all.put(replica, entry(text));
              }
            });
    return all;
  }

  /** One that cannot be read says that its replica trusts nobody. */
  private static TrustReport.Entry entry(String text) {
    try {
      return JsonMapper.shared().readValue(text, TrustReport.Entry.class);
    } catch (JacksonException e) {
      return new TrustReport.Entry("unreadable", List.of(), List.of("unreadable"));
    }
  }

  private Optional<Ca> ca() throws MigrationRefused {
    Optional<Secret> secret = CaSecret.inUse(client, namespace);
    if (secret.isEmpty()) {
      return Optional.empty();
    }
    CaSecret ca = CaSecret.of(secret.get());
    return Optional.of(
        new Ca(
            secret.get().getMetadata().getName(),
            Fingerprint.sha256Hex(ca.signing().root()),
            ca.roots(),
            written(secret.get(), "f:data")));
  }

  private static Change change(Secret plan) throws MigrationRefused {
    return new Change(
        RootChange.fingerprint(plan, RootChange.OLD), RootChange.fingerprint(plan, RootChange.NEW));
  }

  private Map<String, Roots> roots() {
    Map<String, Roots> all = new HashMap<>();
    for (ConfigMap map :
        client
            .configMaps()
            .inAnyNamespace()
            .withField("metadata.name", RootCertificateMaps.NAME)
            .list()
            .getItems()) {
      Optional<ManagedFieldsEntry> write = lastWrite(map, "f:data");
      all.put(
          map.getMetadata().getNamespace(),
          new Roots(
              bundle(map),
              write.map(entry -> Instant.parse(entry.getTime())),
              write.map(ManagedFieldsEntry::getManager).orElse("")));
    }
    return all;
  }

  private static TrustBundle bundle(ConfigMap map) {
    String pem =
        Optional.ofNullable(map.getData()).orElse(Map.of()).getOrDefault("root-cert.pem", "");
    try {
      return pem.isBlank() ? TrustBundle.empty() : TrustBundle.parse(pem);
    } catch (PkiException e) {
      return TrustBundle.empty(); // what cannot be read makes nobody trusted
    }
  }

  private Map<String, Injection> namespaces() {
    Map<String, Injection> all = new HashMap<>();
    AskedNamespaces asked = AskedNamespaces.in(client);
    for (Namespace each : client.namespaces().list().getItems()) {
      Injection asks = injection(labels(each), asked);
      if (!asks.labels().isEmpty()) {
        all.put(each.getMetadata().getName(), asks);
      }
    }
    return all;
  }

  /** Who is asked; each label is looked at alone, so that those for both are found. */
  static Injection injection(Map<String, String> labels, AskedNamespaces asked) {
    List<String> words = new ArrayList<>();
    boolean ours = false;
    boolean istios = false;
    for (String name :
        List.of(
            InjectionPolicy.ISTIO_NAMESPACE_LABEL,
            InjectionPolicy.REVISION_LABEL,
            InjectionPolicy.NAMESPACE_LABEL)) {
      String value = labels.get(name);
      if (value == null) {
        continue;
      }
      words.add(name + "=" + value);
      boolean heard = asked.by(name, value);
      ours |= heard;
      istios |=
          !heard
              && (name.equals(InjectionPolicy.REVISION_LABEL)
                  ? !value.isEmpty()
                  : name.equals(InjectionPolicy.ISTIO_NAMESPACE_LABEL) && value.equals("enabled"));
    }
    return new Injection(
        String.join(",", words),
        ours == istios ? Optional.empty() : Optional.of(ours ? Plane.SELVAGE : Plane.ISTIO));
  }
}
