package io.selvage.pki;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native provider of ECDSA and RSA, where this machine has one: eight times the JDK's
 * signatures a second (docs/adr/0003).
 *
 * <p>It is put last in the JDK's list, so that only those who name it get it: random numbers and
 * TLS of the process stay as they are, unless {@link #forAll} is asked for.
 */
public final class NativeCrypto {
  private static final Logger log = LoggerFactory.getLogger(NativeCrypto.class);

  /**
   * A system property: {@code true} keeps to the JDK's own signatures, for comparing and testing.
   */
  private static final String SWITCH_OFF = "selvage.pki.jdkSignatures";

  private static final Optional<Provider> PROVIDER = load();

  private NativeCrypto() {}

  /** The provider, installed; empty where there is none. */
  static Optional<Provider> provider() {
    return PROVIDER;
  }

  /**
   * Puts it first in the JDK's list, for TLS and all else that the process does: for one that lives
   * for seconds, in which the JDK's own ciphers are interpreted for most of the time. Where there
   * is none, all stays as it is.
   */
  public static void forAll() {
    PROVIDER.ifPresent(
        provider -> {
          Security.removeProvider(provider.getName());
          Security.insertProviderAt(provider, 1);
        });
  }

  private static Optional<Provider> load() {
    if (Boolean.getBoolean(SWITCH_OFF)) {
      return Optional.empty();
    }
    try {
      AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
      if (provider.getLoadingError() == null) {
        Security.addProvider(provider);
        return Optional.of(provider);
      }
      log.info(
          "no native signatures, the JDK's are used: {}", provider.getLoadingError().getMessage());
    } catch (LinkageError e) {
      log.info("no native signatures, the JDK's are used: {}", e.toString());
    }
    return Optional.empty();
  }
}
