package io.selvage.control.kubernetes.trust;

import io.selvage.ca.roots.CaState;
import io.selvage.ca.roots.CaStore;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the CA's state survives: in {@code istio-ca-secret} until the user brings a {@code
 * cacerts}. From then on that Secret alone is what outlives the process, and {@code
 * istio-ca-secret}, from which an istiod may still live, is not written any more.
 */
final class CaSecrets implements CaStore {
  private final SecretCaStore own;
  private @Nullable CaState inMemory;
  private boolean users;

  CaSecrets(SecretCaStore own) {
    this.own = own;
  }

  /** The user's Secret is the store now. */
  synchronized void leaveToUser() {
    users = true;
  }

  /** Whether it is. */
  synchronized boolean isUsers() {
    return users;
  }

  @Override
  public synchronized Optional<CaState> load() throws IOException {
    return users ? Optional.ofNullable(inMemory) : own.load();
  }

  @Override
  public synchronized void save(CaState state) throws IOException {
    if (users) {
      inMemory = state;
    } else {
      own.save(state);
    }
  }
}
