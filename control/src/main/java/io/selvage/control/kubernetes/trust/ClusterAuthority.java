package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.CertificateAuthorityService.Settings;
import io.selvage.ca.roots.PluggedInCa;
import io.selvage.control.kubernetes.event.Regarding;
import io.selvage.control.kubernetes.source.ObjectWatch;
import io.selvage.pki.PkiException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CA of a cluster: the one that the user brings in {@code cacerts}, else the one in {@code
 * istio-ca-secret}, which the leading replica makes where there is none. What others write into
 * either is followed, also a {@code cacerts} that comes later; an {@code istio-ca-secret} that is
 * deleted is written again.
 */
public final class ClusterAuthority implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterAuthority.class);

  /** What waits for time to pass, as the end of an overlap, is looked for this often. */
  private static final long TICK = 60;

  private final KubernetesClient client;
  private final String namespace;
  private final CertificateAuthorityService authority;
  private final CaSecrets store;
  private final boolean isNew;
  private final BooleanSupplier leads;
  private final InstantSource clock;
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-ca-secret").factory());
  private final ObjectWatch<Secret> brought;
  private final ObjectWatch<Secret> own;

  private ClusterAuthority(
      KubernetesClient client,
      String namespace,
      CertificateAuthorityService authority,
      CaSecrets store,
      boolean isNew,
      BooleanSupplier leads,
      InstantSource clock) {
    this.client = client;
    this.namespace = namespace;
    this.authority = authority;
    this.store = store;
    this.isNew = isNew;
    this.leads = leads;
    this.clock = clock;
    this.brought = watch(PluggedInSecret.NAME);
    this.own = watch(SecretCaStore.NAME);
    var _ = worker.scheduleWithFixedDelay(this::follow, TICK, TICK, TimeUnit.SECONDS);
  }

  /**
   * Opens or makes it.
   *
   * @param leads whether this replica may make a root
   * @return empty when there is none, and it is for another replica to make it: ask again
   * @throws IOException when the cluster can't be asked, or what is there makes no sense: a damaged
   *     CA is never replaced by a new one
   */
  public static Optional<ClusterAuthority> open(
      KubernetesClient client,
      String namespace,
      Settings settings,
      BooleanSupplier leads,
      InstantSource clock,
      SecureRandom random)
      throws IOException {
    CaSecrets store =
        new CaSecrets(new SecretCaStore(client, namespace, settings.trustDomain(), clock, random));
    try {
      Optional<Secret> brought = secret(client, namespace, PluggedInSecret.NAME);
      if (brought.isPresent()) {
        store.leaveToUser();
      }
      boolean isNew = brought.isEmpty() && store.load().isEmpty();
      if (isNew) {
        if (!leads.getAsBoolean()) {
          return Optional.empty();
        }
        RootsInUse.refuse(client, namespace, clock.instant());
      }
      return authority(brought, store, settings, clock, random)
          .map(
              authority ->
                  new ClusterAuthority(client, namespace, authority, store, isNew, leads, clock));
    } catch (KubernetesClientException e) {
      throw new IOException("the CA's Secrets cannot be read: " + e.getMessage(), e);
    } catch (PkiException e) {
      throw new IOException(e.code() + " " + e.getMessage(), e);
    }
  }

  private static Optional<CertificateAuthorityService> authority(
      Optional<Secret> brought,
      CaSecrets store,
      Settings settings,
      InstantSource clock,
      SecureRandom random)
      throws IOException, PkiException {
    if (brought.isPresent()) {
      PluggedInCa ca = PluggedInSecret.of(brought.get(), clock.instant());
      return Optional.of(CertificateAuthorityService.open(settings, store, ca, clock, random));
    }
    try {
      return Optional.of(CertificateAuthorityService.open(settings, store, clock, random));
    } catch (SecretCaStore.Overtaken e) {
      LOG.info("another replica made the CA first; it is taken up");
      return Optional.empty();
    }
  }

  private static Optional<Secret> secret(KubernetesClient client, String namespace, String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  private ObjectWatch<Secret> watch(String name) {
    return ObjectWatch.start(
        "Secret " + namespace + "/" + name,
        client.secrets().inNamespace(namespace).withName(name),
        _ -> look());
  }

  /** On the worker alone, so that one change is taken up after the other. */
  private void follow() {
    String which = PluggedInSecret.NAME;
    try {
      Optional<Secret> brought = secret(client, namespace, which);
      if (brought.isPresent()) {
        PluggedInCa ca = PluggedInSecret.of(brought.get(), clock.instant());
        store.leaveToUser();
        authority.follow(ca, PluggedInSecret.isHeld(brought.get(), ca));
      } else if (store.isUsers()) {
        LOG.warn("SLV1031 the Secret cacerts is gone; its CA goes on until the next start");
      } else {
        which = SecretCaStore.NAME;
        if (leads.getAsBoolean() || secret(client, namespace, which).isPresent()) {
          authority.reload();
        }
      }
    } catch (IOException | PkiException | RuntimeException e) {
      if (worker.isShutdown()) {
        LOG.debug("the look at the Secret {} was cut short by the end", which, e);
        return;
      }
      LOG.error(
          "SLV1032 a change of the Secret {}/{} is not taken up, and the CA goes on as it was: {}",
          namespace,
          which,
          e.getMessage());
    }
  }

  /**
   * Looks at the Secrets: one changed, or this replica leads now, and what was deleted while nobody
   * did, or before it was watched, is written again.
   */
  public void look() {
    try {
      worker.execute(this::follow);
    } catch (RejectedExecutionException e) {
      LOG.debug("a Secret of the CA changed after the end");
    }
  }

  /** What signs. */
  public CertificateAuthorityService authority() {
    return authority;
  }

  /** Whether this replica made it. */
  public boolean isNew() {
    return isNew;
  }

  /** The Secret that it is kept in. */
  public Regarding secret() {
    String name = store.isUsers() ? PluggedInSecret.NAME : SecretCaStore.NAME;
    String uid =
        (store.isUsers() ? brought : own)
            .get(namespace, name)
            .map(is -> is.getMetadata().getUid())
            .orElse("");
    return new Regarding("v1", "Secret", namespace, name, uid);
  }

  @Override
  public void close() {
    brought.close();
    own.close();
    worker.shutdownNow();
  }
}
