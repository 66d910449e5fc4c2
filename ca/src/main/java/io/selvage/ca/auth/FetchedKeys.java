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
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keys fetched from a JWKS address, kept for a while, and fetched again for an unknown key id at
 * most once in ten seconds. When the address does not answer, the keys held go on; when there never
 * were any, no token is accepted.
 *
 * <p>One fetch is under way at a time. Whoever asks for a key that is held does not wait for it: an
 * issuer that is slow, and a stranger who asks for unknown keys, hold up nobody else.
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
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile Held held = new Held(new JWKSet(), null, null);

  /**
   * What the last fetch left.
   *
   * @param triedAt when it began; null before the first
   * @param trouble why it brought no keys, when that is so
   */
  private record Held(JWKSet keys, @Nullable Instant triedAt, @Nullable String trouble) {}

  public FetchedKeys(URI address, Fetch fetch, InstantSource clock) {
    this.address = address;
    this.fetch = fetch;
    this.clock = clock;
  }

  @Override
  public JWKSet keys() {
    Held now = held;
    if (now.keys().isEmpty()) {
      return newerThan(PATIENCE);
    }
    if (!isOlderThan(KEEP, now) || !fetching.tryLock()) {
      return now.keys();
    }
    try {
      return newerThan(KEEP);
    } finally {
      fetching.unlock();
    }
  }

  @Override
  public JWKSet refreshed() {
    return newerThan(PATIENCE);
  }

  @Override
  public Optional<String> trouble() {
    return Optional.ofNullable(held.trouble());
  }

  /** Waits for a fetch that is under way, and fetches when what it left is too old all the same. */
  private JWKSet newerThan(Duration age) {
    if (!isOlderThan(age, held)) {
      return held.keys();
    }
    fetching.lock();
    try {
      if (isOlderThan(age, held)) {
        held = fetched(held.keys());
      }
      return held.keys();
    } finally {
      fetching.unlock();
    }
  }

  private boolean isOlderThan(Duration age, Held what) {
    Instant triedAt = what.triedAt();
    if (triedAt == null) {
      return true;
    }
    Duration since = Duration.between(triedAt, clock.instant());
    return since.isNegative() || since.compareTo(age) >= 0; // negative: the clock was set back
  }

  private Held fetched(JWKSet before) {
    Instant triedAt = clock.instant();
    try {
      JWKSet found =
          JWKSet.parse(new String(fetch.get(address), StandardCharsets.UTF_8)).toPublicJWKSet();
      return new Held(found, triedAt, found.isEmpty() ? address + " holds no key" : null);
    } catch (IOException e) {
      return new Held(before, triedAt, address + " cannot be fetched: " + e.getMessage());
    } catch (ParseException | RuntimeException e) {
      return new Held(before, triedAt, address + " does not answer with a JWK set");
    }
  }
}
