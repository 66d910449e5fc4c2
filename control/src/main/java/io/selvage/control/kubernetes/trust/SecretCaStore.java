package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.selvage.ca.auth.JoinTokens;
import io.selvage.ca.roots.CaState;
import io.selvage.ca.roots.CaStateFormat;
import io.selvage.ca.roots.CaStore;
import io.selvage.ca.roots.PluggedInCa;
import io.selvage.ca.roots.RootRotation.Steady;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The authority's state in the Secret {@code istio-ca-secret}: in Istio's keys what signs, so that
 * an istiod can take over from here or the reverse, and beside them all else that must not be lost.
 *
 * <p>Nothing that another replica wrote is ever overwritten: a Secret that came or changed
 * meanwhile makes {@link #save} fail.
 */
final class SecretCaStore implements CaStore {
  /** Istio's Secret of a CA that signs by itself, and its type. */
  static final String NAME = "istio-ca-secret";

  private static final String TYPE = "istio.io/ca-root";
  private static final String STATE = "selvage-state";
  private static final String CERTIFICATE = "ca-cert.pem";
  private static final String KEY = "ca-key.pem";
  private static final int CONFLICT = 409;

  private final KubernetesClient client;
  private final String namespace;
  private final String trustDomain;
  private final InstantSource clock;
  private final SecureRandom random;
  private @Nullable String version;

  /** The store holds what another replica put there. */
  static final class Overtaken extends IOException {
    private static final long serialVersionUID = 1;

    Overtaken(String message, Throwable cause) {
      super(message, cause);
    }
  }

  SecretCaStore(
      KubernetesClient client,
      String namespace,
      String trustDomain,
      InstantSource clock,
      SecureRandom random) {
    this.client = client;
    this.namespace = namespace;
    this.trustDomain = trustDomain;
    this.clock = clock;
    this.random = random;
  }

  private Resource<Secret> resource() {
    return client.secrets().inNamespace(namespace).withName(NAME);
  }

  @Override
  public synchronized Optional<CaState> load() throws IOException {
    Secret secret;
    try {
      secret = resource().get();
    } catch (KubernetesClientException e) {
      throw new IOException(
          "SLV1032 the Secret %s/%s cannot be read: %s".formatted(namespace, NAME, e.getMessage()),
          e);
    }
    if (secret == null) {
      version = null;
      return Optional.empty();
    }
    version = secret.getMetadata().getResourceVersion();
    try {
      return Optional.of(state(texts(secret), secret.getData()));
    } catch (PkiException e) {
      throw new IOException(
          "%s the CA in the Secret %s/%s cannot sign: %s"
              .formatted(e.code(), namespace, NAME, e.getMessage()),
          e);
    }
  }

  private CaState state(Map<String, String> texts, Map<String, String> data)
      throws IOException, PkiException {
    String certificate = texts.getOrDefault(CERTIFICATE, "");
    String stored = data == null ? null : data.get(STATE);
    if (stored != null) {
      CaState state = CaStateFormat.read(Base64.getDecoder().decode(stored), clock.instant());
      List<X509Certificate> written = Pem.certificates(certificate);
      if (!written.getFirst().equals(state.rotation().signing().issuer())) {
        throw new IOException(
            "SLV1032 in the Secret %s/%s, %s is another CA than %s; take out the one that is not meant"
                .formatted(namespace, NAME, CERTIFICATE, STATE));
      }
      return state;
    }
    // Istio's own: what signs is its own root, unless root-cert.pem says more.
    Map<String, String> whole = new HashMap<>(texts);
    whole.merge("root-cert.pem", certificate, (is, root) -> is.isBlank() ? root : is);
    whole.merge("cert-chain.pem", certificate, (is, chain) -> is.isBlank() ? chain : is);
    CaCredentials signing =
        PluggedInCa.of("the Secret " + namespace + "/" + NAME, whole, clock.instant())
            .credentials();
    return new CaState(
        1,
        new Steady(signing),
        TrustBundle.empty(),
        JoinTokens.create(trustDomain, clock, random).exportKey());
  }

  /** The values of a Secret as texts. */
  static Map<String, String> texts(Secret secret) {
    Map<String, String> texts = new HashMap<>();
    if (secret.getData() != null) {
      secret
          .getData()
          .forEach(
              (name, value) ->
                  texts.put(
                      name, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
    }
    return texts;
  }

  @Override
  public synchronized void save(CaState state) throws IOException {
    CaCredentials signing = state.rotation().signing();
    String root = Pem.of(signing.root());
    Map<String, String> data = new HashMap<>();
    data.put(CERTIFICATE, encoded(Pem.of(signing.issuer())));
    data.put(KEY, encoded(signing.privateKeyPem()));
    data.put("cert-chain.pem", encoded(signing.chain().size() > 1 ? Pem.of(signing.chain()) : ""));
    data.put("root-cert.pem", encoded(signing.chain().size() > 1 ? root : ""));
    data.put("key.pem", "");
    data.put(STATE, Base64.getEncoder().encodeToString(CaStateFormat.write(state)));
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace(namespace)
            .withResourceVersion(version)
            .endMetadata()
            .withType(TYPE)
            .withData(data)
            .build();
    try {
      Secret written =
          version == null
              ? client.secrets().inNamespace(namespace).resource(secret).create()
              : client.secrets().inNamespace(namespace).resource(secret).update();
      version = written.getMetadata().getResourceVersion();
    } catch (KubernetesClientException e) {
      String what =
          "SLV1032 the Secret %s/%s cannot be written, and the CA goes on as it was: %s"
              .formatted(namespace, NAME, e.getMessage());
      throw e.getCode() == CONFLICT ? new Overtaken(what, e) : new IOException(what, e);
    }
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
