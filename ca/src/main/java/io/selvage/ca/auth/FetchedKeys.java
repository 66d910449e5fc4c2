package io.selvage.ca.auth;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keys fetched from a JWKS address, kept for a while, and fetched again for an unknown key id at
 * most once in ten seconds. When the address does not answer, the keys held go on; when there never
 * were any, no token is accepted.
 */
public final class FetchedKeys implements KeySource {
  /** How the bytes of an address are had; {@link JwksFetch} over HTTP. */
  @FunctionalInterface
  public interface Fetch {
    /** Returns the body, or says in the exception why there is none. */
    byte[] get(URI address) throws IOException;
  }

  private static final Duration KEEP = Duration.ofMinutes(20);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final URI address;
  private final Fetch fetch;
  private final InstantSource clock;
  private JWKSet held = new JWKSet();
  private @Nullable Instant triedAt;
  private @Nullable String trouble;

  public FetchedKeys(URI address, Fetch fetch, InstantSource clock) {
    this.address = address;
    this.fetch = fetch;
    this.clock = clock;
  }

  @Override
  public synchronized JWKSet keys() {
    return olderThan(held.isEmpty() ? PATIENCE : KEEP) ? fetched() : held;
  }

  @Override
  public synchronized JWKSet refreshed() {
    return olderThan(PATIENCE) ? fetched() : held;
  }

  @Override
  public synchronized Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  private boolean olderThan(Duration age) {
    if (triedAt == null) {
      return true;
    }
    Duration since = Duration.between(triedAt, clock.instant());
    return since.isNegative() || since.compareTo(age) >= 0; // negative: the clock was set back
  }

  private JWKSet fetched() {
    triedAt = clock.instant();
    try {
      JWKSet found = JWKSet.parse(new String(fetch.get(address), StandardCharsets.UTF_8));
      held = found.toPublicJWKSet();
      trouble = held.isEmpty() ? address + " holds no key" : null;
    } catch (IOException e) {
      trouble = address + " cannot be fetched: " + e.getMessage();
    } catch (ParseException | RuntimeException e) {
      trouble = address + " does not answer with a JWK set";
    }
    return held;
  }
}
