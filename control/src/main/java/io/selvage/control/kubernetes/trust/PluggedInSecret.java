package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.Secret;
import io.selvage.ca.roots.CaState;
import io.selvage.ca.roots.CaStore;
import io.selvage.ca.roots.PluggedInCa;
import io.selvage.pki.PkiException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A CA that the user brings in the Secret {@code cacerts}, in Istio's names or cert-manager's. */
final class PluggedInSecret {
  /** Its name, in the control plane's namespace. */
  static final String NAME = "cacerts";

  private PluggedInSecret() {}

  /** Reads and checks; refusals name Secret and key. */
  static PluggedInCa of(Secret secret, Instant now) throws PkiException {
    Map<String, String> texts = new HashMap<>(SecretCaStore.texts(secret));
    String chain = texts.get("tls.crt");
    if (!texts.containsKey("ca-cert.pem") && chain != null) {
      texts.put("ca-cert.pem", chain);
      texts.put("cert-chain.pem", chain);
      texts.put("ca-key.pem", texts.getOrDefault("tls.key", ""));
      texts.put("root-cert.pem", texts.getOrDefault("ca.crt", ""));
    }
    return PluggedInCa.of(
        "the Secret " + secret.getMetadata().getNamespace() + "/" + NAME, texts, now);
  }

  /** What is kept beside it: nothing that would have to outlive the process. */
  static final class Memory implements CaStore {
    private @Nullable CaState state;

    @Override
    public synchronized Optional<CaState> load() {
      return Optional.ofNullable(state);
    }

    @Override
    public synchronized void save(CaState fresh) {
      state = fresh;
    }
  }
}
