package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.ca.roots.PluggedInCa;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One root for several clusters: a cluster that has no CA yet gets an intermediate of another
 * cluster's CA, as its {@code cacerts}. No key but the new intermediate's leaves its Secret, and a
 * CA that is there already is never replaced.
 */
public final class CommonRoot {
  /** The clusters have different roots, so that neither believes the other's workloads. */
  public static final String DIFFERENT = "SLV7264";

  private static final Duration LIFE = Duration.ofDays(3650);

  private final String namespace;
  private final String trustDomain;
  private final InstantSource clock;
  private final SecureRandom random;

  /** What came of it. */
  public enum Outcome {
    /** The other cluster has an intermediate now. */
    GIVEN,
    /** It has one of the same root already. */
    SHARED
  }

  /**
   * For the clusters of one trust domain.
   *
   * @param namespace the control plane's, in each of them
   */
  public CommonRoot(
      String namespace, String trustDomain, InstantSource clock, SecureRandom random) {
    this.namespace = namespace;
    this.trustDomain = trustDomain;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Gives {@code other} an intermediate of the CA of {@code first}.
   *
   * @throws IOException when the first has no CA, the other has one of another root, or a Secret
   *     cannot be read or written
   */
  public Outcome share(KubernetesClient first, KubernetesClient other) throws IOException {
    try {
      PluggedInCa from =
          authority(first)
              .orElseThrow(
                  () ->
                      new IOException(
                          "the first cluster has no CA yet, in neither %s nor %s of %s"
                              .formatted(PluggedInSecret.NAME, SecretCaStore.NAME, namespace)));
      Optional<PluggedInCa> there = authority(other);
      if (there.isPresent()) {
        if (trusts(there.get(), from) && trusts(from, there.get())) {
          return Outcome.SHARED;
        }
        throw new IOException(
            DIFFERENT
                + " the clusters have CAs of different roots, and neither is replaced: give both"
                + " intermediates of one root as cacerts");
      }
      CaCredentials fresh =
          from.credentials()
              .intermediate(
                  new CaProfile.Istiod(trustDomain),
                  KeyAlgorithm.DEFAULT,
                  LIFE,
                  clock.instant(),
                  random);
      other
          .secrets()
          .inNamespace(namespace)
          .resource(secret(new PluggedInCa(fresh, from.roots())))
          .create();
      return Outcome.GIVEN;
    } catch (KubernetesClientException e) {
      throw new IOException("the CA's Secrets cannot be had: " + e.getMessage(), e);
    } catch (PkiException e) {
      throw new IOException(e.code() + " " + e.getMessage(), e);
    }
  }

  /** During a change of the root the two need not sign by the same one. */
  private static boolean trusts(PluggedInCa one, PluggedInCa other) {
    return one.roots().contains(other.credentials().root());
  }

  private Optional<PluggedInCa> authority(KubernetesClient client)
      throws IOException, PkiException {
    Secret brought = client.secrets().inNamespace(namespace).withName(PluggedInSecret.NAME).get();
    return brought != null
        ? Optional.of(PluggedInSecret.of(brought, clock.instant()))
        : new SecretCaStore(client, namespace, trustDomain, clock, random)
            .load()
            .map(state -> new PluggedInCa(state.rotation().signing(), state.rotation().bundle()));
  }

  private Secret secret(PluggedInCa given) {
    CaCredentials fresh = given.credentials();
    List<X509Certificate> chain = fresh.chain();
    Map<String, String> data = new HashMap<>();
    data.put("ca-cert.pem", encoded(Pem.of(fresh.issuer())));
    data.put("ca-key.pem", encoded(fresh.privateKeyPem()));
    data.put("cert-chain.pem", encoded(Pem.of(chain)));
    data.put("root-cert.pem", encoded(given.roots().with(fresh.root()).pem()));
    return new SecretBuilder()
        .withNewMetadata()
        .withName(PluggedInSecret.NAME)
        .withNamespace(namespace)
        .endMetadata()
        .withType("Opaque")
        .withData(data)
        .build();
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
