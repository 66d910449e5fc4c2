package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.SigningState;
import io.selvage.control.kubernetes.lease.LeaderWork;
import io.selvage.control.kubernetes.source.ObjectWatch;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mesh's roots in the ConfigMap {@code istio-ca-root-cert} of every namespace, from where
 * kubelet mounts them into pods. One that is changed or deleted is right again at once; a new
 * namespace gets its own.
 *
 * <p>While an istiod of the same namespace keeps them ({@link IstiodElection}), it does so alone:
 * two writers with different thoughts would write without end. What it keeps is right as long as
 * the root is in it that signs here; where it isn't, {@link #ISTIOD_KEEPS_OTHERS} is told.
 */
public final class RootCertificateMaps implements AutoCloseable {
  /** The ConfigMap's name, Istio's. */
  public static final String NAME = "istio-ca-root-cert";

  /** An istiod keeps roots by which our Pods cannot know this control plane. */
  static final String ISTIOD_KEEPS_OTHERS = "SLV7280";

  /** An istiod keeps less roots than are trusted by now. */
  static final String ISTIOD_LAGS = "SLV7281";

  /** The key in it of the roots as PEM. */
  public static final String KEY = "root-cert.pem";

  private static final Map<String, String> LABELS = Map.of("istio.io/config", "true");

  /** Namespaces of Kubernetes' own, which Istio leaves out as well. */
  private static final Set<String> LEFT_OUT =
      Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");

  /** Between looks at what an istiod keeps. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(RootCertificateMaps.class);

  private final KubernetesClient client;
  private final Supplier<SigningState> signing;
  private final BooleanSupplier leads;
  private final IstiodElection istiod;
  private final Map<String, String> told = new ConcurrentHashMap<>();
  private final LeaderWork<String> work =
      new LeaderWork<>("SLV7223", NAME + " of namespace", this::mayKeep, this::keep);
  private final ObjectWatch<Namespace> namespaces;
  private final ObjectWatch<ConfigMap> maps;
  private volatile boolean begun;

  /**
   * Begins to keep them.
   *
   * @param home the control plane's namespace
   * @param signing with its roots, asked for at each write
   * @param leads whether this replica is the one that writes
   */
  public RootCertificateMaps(
      KubernetesClient client, String home, Supplier<SigningState> signing, BooleanSupplier leads) {
    this.client = client;
    this.signing = signing;
    this.leads = leads;
    this.istiod = new IstiodElection(client, home, System::nanoTime);
    this.namespaces =
        ObjectWatch.start(
            "Namespace", client.namespaces(), one -> work.look(one.getMetadata().getName()));
    this.maps =
        ObjectWatch.start(
            "ConfigMap " + NAME,
            client.configMaps().inAnyNamespace().withField("metadata.name", NAME),
            map -> work.look(map.getMetadata().getNamespace()));
    this.begun = true;
  }

  /** The roots are other ones, or this replica leads now: looks at all of them. */
  public void all() {
    namespaces.all().forEach(namespace -> work.look(namespace.getMetadata().getName()));
  }

  private boolean mayKeep() {
    return begun
        && leads.getAsBoolean()
        && namespaces.isSynced()
        && maps.isSynced()
        && istiod.isSynced();
  }

  private void keep(String namespace) {
    if (!wantsOne(namespace)) {
      return;
    }
    SigningState now = signing.get();
    Optional<ConfigMap> is = maps.get(namespace, NAME);
    if (is.isPresent() && isRight(is.get(), now.bundle())) {
      told.remove(namespace);
      return;
    }
    if (istiod.isHeld()) {
      leave(namespace, is, now);
      return;
    }
    told.remove(namespace);
    if (is.isEmpty()) {
      client
          .configMaps()
          .inNamespace(namespace)
          .resource(fresh(namespace, now.bundlePem()))
          .create();
      LOG.info("{} made in namespace {}", NAME, namespace);
    } else {
      client
          .configMaps()
          .inNamespace(namespace)
          .resource(mended(is.get(), now.bundlePem()))
          .update();
      LOG.info("{} of namespace {} set right", NAME, namespace);
    }
  }

  /** It is istiod's to write; looked at again and again, until it is right or ours. */
  private void leave(String namespace, Optional<ConfigMap> is, SigningState now) {
    work.look(namespace, PATIENCE);
    TrustBundle kept = roots(is);
    X509Certificate signs = now.authority().root();
    String words = "";
    if (is.isEmpty()) {
      LOG.debug("istiod makes {} of namespace {}", NAME, namespace);
    } else if (!kept.contains(signs)) {
      words =
          "%s istiod keeps %s of namespace %s without the root %s that signs here: Pods there cannot join this control plane. Give both the same CA (`selvage migrate status`)"
              .formatted(ISTIOD_KEEPS_OTHERS, NAME, namespace, shown(signs));
    } else if (!kept.roots().containsAll(now.bundle().roots())) {
      words =
          "%s istiod keeps %s of namespace %s without a root that is trusted by now; restart istiod"
              .formatted(ISTIOD_LAGS, NAME, namespace);
    }
    if (!words.equals(told.put(namespace, words)) && !words.isEmpty()) {
      LOG.warn("{}", words);
    }
  }

  private static String shown(X509Certificate root) {
    return Fingerprint.sha256Hex(root).substring(0, 12);
  }

  private static TrustBundle roots(Optional<ConfigMap> map) {
    String pem = map.map(ConfigMap::getData).map(data -> data.get(KEY)).orElse("");
    try {
      return pem.isBlank() ? TrustBundle.empty() : TrustBundle.parse(pem);
    } catch (PkiException e) {
      return TrustBundle.empty(); // what cannot be read makes nobody trusted
    }
  }

  private boolean wantsOne(String namespace) {
    return !LEFT_OUT.contains(namespace)
        && namespaces
            .get("", namespace)
            .filter(one -> one.getMetadata().getDeletionTimestamp() == null)
            .isPresent();
  }

  /** In whatever order: when it was last written says since when Pods are given these roots. */
  private static boolean isRight(ConfigMap map, TrustBundle bundle) {
    Set<String> given = Set.copyOf(roots(Optional.of(map)).fingerprints());
    return given.equals(Set.copyOf(bundle.fingerprints()))
        && map.getMetadata().getLabels() != null
        && map.getMetadata().getLabels().entrySet().containsAll(LABELS.entrySet());
  }

  private static ConfigMap fresh(String namespace, String pem) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(NAME)
        .withNamespace(namespace)
        .withLabels(LABELS)
        .endMetadata()
        .withData(Map.of(KEY, pem))
        .build();
  }

  /** What others keep in it stays. */
  private static ConfigMap mended(ConfigMap is, String pem) {
    Map<String, String> data = new HashMap<>(Optional.ofNullable(is.getData()).orElse(Map.of()));
    data.put(KEY, pem);
    Map<String, String> labels =
        new HashMap<>(Optional.ofNullable(is.getMetadata().getLabels()).orElse(Map.of()));
    labels.putAll(LABELS);
    return new ConfigMapBuilder(is)
        .editMetadata()
        .withLabels(labels)
        .endMetadata()
        .withData(data)
        .build();
  }

  @Override
  public void close() {
    namespaces.close();
    maps.close();
    istiod.close();
    work.close();
  }
}
