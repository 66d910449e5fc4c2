package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.CertificateAuthorityService.Settings;
import io.selvage.control.kubernetes.event.Regarding;
import io.selvage.control.kubernetes.source.ObjectWatch;
import io.selvage.pki.PkiException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CA of a cluster: the one that the user brings in {@code cacerts}, else the one in {@code
 * istio-ca-secret}, which the leading replica makes where there is none. What others write into
 * either is taken up; an {@code istio-ca-secret} that is deleted is written again.
 */
public final class ClusterAuthority implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterAuthority.class);

  private final CertificateAuthorityService authority;
  private final SecretId id;
  private final boolean isNew;
  private final ObjectWatch<Secret> watch;
  private final Runnable look;
  private final ExecutorService worker;

  private record SecretId(String namespace, String name) {}

  private ClusterAuthority(
      CertificateAuthorityService authority,
      SecretId id,
      boolean isNew,
      ObjectWatch<Secret> watch,
      Runnable look,
      ExecutorService worker) {
    this.authority = authority;
    this.id = id;
    this.isNew = isNew;
    this.watch = watch;
    this.look = look;
    this.worker = worker;
  }

  /**
   * Opens or makes it.
   *
   * @param leads whether this replica may make a root
   * @return empty when there is none, and it is for another replica to make it: ask again
   * @throws IOException when the cluster can't be asked, or what is there makes no sense: a damaged
   *     CA is never replaced by a new one, nor is one that is gone while its root is in use
   */
  public static Optional<ClusterAuthority> open(
      KubernetesClient client,
      String namespace,
      Settings settings,
      BooleanSupplier leads,
      InstantSource clock,
      SecureRandom random)
      throws IOException {
    try {
      Secret brought = client.secrets().inNamespace(namespace).withName(PluggedInSecret.NAME).get();
      return brought == null
          ? stored(client, namespace, settings, leads, clock, random)
          : Optional.of(pluggedIn(client, brought, settings, clock, random));
    } catch (KubernetesClientException e) {
      throw new IOException("the CA's Secrets cannot be read: " + e.getMessage(), e);
    } catch (PkiException e) {
      throw new IOException(e.code() + " " + e.getMessage(), e);
    }
  }

  private static ClusterAuthority pluggedIn(
      KubernetesClient client,
      Secret brought,
      Settings settings,
      InstantSource clock,
      SecureRandom random)
      throws IOException, PkiException {
    CertificateAuthorityService authority =
        CertificateAuthorityService.open(
            settings,
            new PluggedInSecret.Memory(),
            PluggedInSecret.of(brought, clock.instant()),
            clock,
            random);
    return watched(
        client,
        new SecretId(brought.getMetadata().getNamespace(), PluggedInSecret.NAME),
        false,
        authority,
        secret -> {
          if (secret.isPresent()) {
            authority.takeUp(PluggedInSecret.of(secret.get(), clock.instant()).credentials());
          } else {
            LOG.warn("SLV1031 the Secret cacerts is gone; its CA goes on until the next start");
          }
        });
  }

  private static Optional<ClusterAuthority> stored(
      KubernetesClient client,
      String namespace,
      Settings settings,
      BooleanSupplier leads,
      InstantSource clock,
      SecureRandom random)
      throws IOException, PkiException {
    SecretCaStore store =
        new SecretCaStore(client, namespace, settings.trustDomain(), clock, random);
    boolean isNew = store.load().isEmpty();
    if (isNew) {
      if (!leads.getAsBoolean()) {
        return Optional.empty();
      }
      RootsInUse.refuse(client, namespace, clock.instant());
    }
    CertificateAuthorityService authority;
    try {
      authority = CertificateAuthorityService.open(settings, store, clock, random);
    } catch (SecretCaStore.Overtaken e) {
      LOG.info("another replica made the CA first; it is taken up");
      return Optional.empty();
    }
    return Optional.of(
        watched(
            client,
            new SecretId(namespace, SecretCaStore.NAME),
            isNew,
            authority,
            secret -> {
              if (secret.isPresent() || leads.getAsBoolean()) {
                authority.reload();
              }
            }));
  }

  private interface TakeUp {
    void of(Optional<Secret> secret) throws IOException, PkiException;
  }

  private static ClusterAuthority watched(
      KubernetesClient client,
      SecretId id,
      boolean isNew,
      CertificateAuthorityService authority,
      TakeUp takeUp) {
    ExecutorService worker =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("selvage-ca-secret").factory());
    Runnable look =
        () -> {
          try {
            worker.execute(() -> takeUp(client, id, takeUp));
          } catch (RejectedExecutionException e) {
            LOG.debug("{} changed after the end", id);
          }
        };
    ObjectWatch<Secret> watch =
        ObjectWatch.start(
            "Secret " + id.namespace() + "/" + id.name(),
            client.secrets().inNamespace(id.namespace()).withName(id.name()),
            _ -> look.run());
    return new ClusterAuthority(authority, id, isNew, watch, look, worker);
  }

  private static void takeUp(KubernetesClient client, SecretId id, TakeUp takeUp) {
    try {
      takeUp.of(
          Optional.ofNullable(
              client.secrets().inNamespace(id.namespace()).withName(id.name()).get()));
    } catch (IOException | PkiException | RuntimeException e) {
      LOG.error(
          "SLV1032 a change of the Secret {}/{} is not taken up, and the CA goes on as it was: {}",
          id.namespace(),
          id.name(),
          e.getMessage());
    }
  }

  /**
   * This replica leads now: what was deleted while nobody did, or before it was watched, is written
   * again.
   */
  public void look() {
    look.run();
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
    String uid =
        watch.get(id.namespace(), id.name()).map(is -> is.getMetadata().getUid()).orElse("");
    return new Regarding("v1", "Secret", id.namespace(), id.name(), uid);
  }

  @Override
  public void close() {
    watch.close();
    worker.shutdownNow();
  }
}
