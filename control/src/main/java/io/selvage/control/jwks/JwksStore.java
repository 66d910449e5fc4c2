package io.selvage.control.jwks;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.selvage.control.generate.TokenKeys;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.RequestAuthentication;
import io.selvage.model.RequestAuthentication.JwtRule;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key sets that RequestAuthentications name by address, fetched now and again.
 *
 * <p>Keys that were had once stay in use while their address does not answer; where there never
 * were any, {@link UnusableKeys} stand in, so every token of that issuer is refused. {@link
 * #refresh} has to be called now and then; it fetches what is due on the executor and never waits.
 */
public final class JwksStore {
  /** How old keys may get. */
  static final Duration REFRESH = Duration.ofMinutes(20);

  /** After the first failure; doubled with each further one. */
  static final Duration FIRST_RETRY = Duration.ofSeconds(1);

  /** Longest wait after failures. */
  static final Duration LAST_RETRY = Duration.ofMinutes(2);

  /** Keys of an issuer can't be had (doctor's catalogue). */
  public static final String UNREACHABLE = "SLV5006";

  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final Logger LOG = LoggerFactory.getLogger(JwksStore.class);

  private final KeyFetch fetch;
  private final Executor executor;
  private final InstantSource clock;
  private final Runnable changed;
  private final Map<String, Issuer> issuers = new TreeMap<>();

  /** What is known of one address. */
  private static final class Issuer {
    final JwtRule rule;
    @Nullable String keys;
    @Nullable String trouble;
    Instant due;
    int failures;
    boolean underway;

    Issuer(JwtRule rule, Instant due) {
      this.rule = rule;
      this.due = due;
    }
  }

  /**
   * An empty store.
   *
   * @param executor runs a fetch, for seconds at worst
   * @param changed called after the keys or troubles of an address changed, on any thread
   */
  public JwksStore(KeyFetch fetch, Executor executor, InstantSource clock, Runnable changed) {
    this.fetch = fetch;
    this.executor = executor;
    this.clock = clock;
    this.changed = changed;
  }

  /** Takes note of what a snapshot needs, forgets the rest, and fetches what is new. */
  public void require(MeshSnapshot snapshot) {
    synchronized (this) {
      Map<String, JwtRule> needed = new HashMap<>();
      for (RequestAuthentication policy : snapshot.all(RequestAuthentication.class)) {
        policy.jwtRules().stream()
            .filter(rule -> rule.jwks().isEmpty())
            .forEach(rule -> needed.putIfAbsent(address(rule), rule));
      }
      issuers.keySet().retainAll(needed.keySet());
      needed.forEach(
          (address, rule) ->
              issuers.computeIfAbsent(address, a -> new Issuer(rule, clock.instant())));
    }
    refresh();
  }

  /** Fetches whatever is due. */
  public void refresh() {
    List<Runnable> due = new ArrayList<>();
    synchronized (this) {
      issuers.forEach(
          (address, issuer) -> {
            if (!issuer.underway && !clock.instant().isBefore(issuer.due)) {
              issuer.underway = true;
              due.add(() -> fetch(address, issuer));
            }
          });
    }
    due.forEach(executor::execute);
  }

  /** The keys as they are now; immutable, and equal while all of them are the same. */
  public synchronized TokenKeys keys() {
    Map<String, String> held = new HashMap<>();
    issuers.forEach(
        (address, issuer) -> {
          if (issuer.keys != null) {
            held.put(address, issuer.keys);
          }
        });
    return new HeldKeys(Map.copyOf(held));
  }

  /** Keys by the address that they are fetched from. */
  private record HeldKeys(Map<String, String> held) implements TokenKeys {
    @Override
    public String keysFor(JwtRule rule) {
      return rule.jwks()
          .map(JwksStore::withoutPrivateParts)
          .orElseGet(
              () ->
                  Optional.ofNullable(held.get(address(rule)))
                      .orElseGet(() -> UnusableKeys.json(address(rule))));
    }
  }

  /**
   * An inline set as proxies may see it: users do paste key pairs. Symmetric keys have no public
   * part and stay; a set that can't be parsed stays as it is, for the proxies to refuse.
   */
  private static String withoutPrivateParts(String inline) {
    if (!inline.contains("\"d\"")) { // the member that all key pairs have
      return inline;
    }
    try {
      JWKSet set = JWKSet.parse(inline);
      List<JWK> open =
          set.getKeys().stream().map(key -> isPair(key) ? key.toPublicJWK() : key).toList();
      return new JWKSet(open).toString(false);
    } catch (ParseException e) {
      LOG.debug("an inline key set cannot be parsed", e);
      return inline;
    }
  }

  private static boolean isPair(JWK key) {
    return !(key instanceof OctetSequenceKey);
  }

  /** Addresses that did not answer last time, and what follows. */
  public synchronized List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    issuers.forEach(
        (address, issuer) -> {
          if (issuer.trouble != null) {
            problems.add(
                Problem.warning(
                    UNREACHABLE,
                    issuer.rule.at(),
                    issuer.rule.jwksUri().isPresent() ? "jwksUri" : "issuer",
                    "%s; %s; next try at %s"
                        .formatted(
                            issuer.trouble,
                            issuer.keys == null
                                ? "every token of " + issuer.rule.issuer() + " is refused"
                                : "the keys fetched before stay in use",
                            issuer.due)));
          }
        });
    return List.copyOf(problems);
  }

  /** Where the keys of a rule are: its jwksUri, else what its issuer's discovery says. */
  private static String address(JwtRule rule) {
    return rule.jwksUri().orElseGet(() -> rule.issuer().replaceAll("/+$", "") + DISCOVERY);
  }

  private void fetch(String address, Issuer issuer) {
    try {
      String keys = keys(address, issuer.rule);
      outcome(address, issuer, keys, null);
    } catch (IOException | RuntimeException e) {
      outcome(address, issuer, null, "keys cannot be had from " + address + ": " + e.getMessage());
    }
  }

  private String keys(String address, JwtRule rule) throws IOException {
    Duration timeout = rule.timeout();
    String text = fetch.get(uri(address), timeout);
    if (rule.jwksUri().isEmpty()) {
      text = fetch.get(uri(jwksUri(text)), timeout);
    }
    try {
      JWKSet keys = JWKSet.parse(text).toPublicJWKSet();
      if (keys.isEmpty()) {
        throw new IOException("the answer holds no public key");
      }
      return keys.toString(true);
    } catch (ParseException e) {
      throw new IOException("the answer is no JWK set", e);
    }
  }

  private static String jwksUri(String discovery) throws IOException {
    try {
      String uri = JSONObjectUtils.getString(JSONObjectUtils.parse(discovery), "jwks_uri");
      if (uri == null) {
        throw new IOException("the issuer's discovery document has no jwks_uri");
      }
      return uri;
    } catch (ParseException e) {
      throw new IOException("the issuer's discovery document is no JSON", e);
    }
  }

  private static URI uri(String address) throws IOException {
    try {
      return URI.create(address);
    } catch (IllegalArgumentException e) {
      throw new IOException(address + " is no URI", e);
    }
  }

  private void outcome(
      String address, Issuer issuer, @Nullable String keys, @Nullable String trouble) {
    boolean news;
    synchronized (this) {
      issuer.underway = false;
      news = keys != null ? !keys.equals(issuer.keys) : issuer.trouble == null;
      news |= keys != null && issuer.trouble != null;
      issuer.trouble = trouble;
      if (keys != null) {
        issuer.keys = keys;
        issuer.failures = 0;
        issuer.due = clock.instant().plus(REFRESH);
      } else {
        issuer.due = clock.instant().plus(backoff(issuer.failures++));
      }
    }
    if (trouble != null) {
      LOG.warn("{} {}: {}", UNREACHABLE, issuer.rule.at(), trouble);
    } else if (news) {
      LOG.info("keys of {} fetched from {}", issuer.rule.issuer(), address);
    }
    if (news) {
      changed.run();
    }
  }

  private static Duration backoff(int failures) {
    Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(failures, 10));
    return wait.compareTo(LAST_RETRY) < 0 ? wait : LAST_RETRY;
  }
}
