package io.selvage.proxy.jwt;

import io.selvage.proxy.jwt.JwtProvider.TokenCheck;
import io.selvage.xds.resource.HttpFilter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The RequestAuthentications of one workload, ready to run: a token that holds under any rule gives
 * the request its principal, no token at all lets it pass without, anything else is refused before
 * any policy is asked. Immutable but for its cache; safe for use by many threads.
 *
 * <p>This is what istiod configures in Envoy: "requires any of P1 … Pn, or all of (Pi or missing)".
 */
public final class JwtAuthentication {
  private static final int LONGEST_REALM = 256;

  private final List<JwtProvider> providers;
  private final boolean bypassCorsPreflight;
  private final Set<String> outputHeaders = new TreeSet<>();
  private final InstantSource clock;

  private JwtAuthentication(HttpFilter.JwtAuthentication config, InstantSource clock) {
    this.providers = config.providers().stream().map(JwtProvider::new).toList();
    this.bypassCorsPreflight = config.bypassCorsPreflight();
    this.clock = clock;
    providers.forEach(provider -> outputHeaders.addAll(provider.outputHeaders()));
  }

  /**
   * Compiles the rules. Keys that can't be read make the issuer's tokens fail; nothing is thrown
   * for them.
   */
  public static JwtAuthentication compile(
      HttpFilter.JwtAuthentication config, InstantSource clock) {
    return new JwtAuthentication(config, clock);
  }

  /**
   * Checks a request. Headers that only a valid token may set are removed whatever comes out; on
   * {@link JwtOutcome.Valid} they are set anew, and the token is taken out unless it is forwarded.
   */
  public JwtOutcome authenticate(JwtRequest request) {
    if (bypassCorsPreflight && isCorsPreflight(request)) {
      outputHeaders.forEach(request::removeHeader);
      return JwtOutcome.NoToken.INSTANCE;
    }
    List<List<List<String>>> found = new ArrayList<>(providers.size());
    for (JwtProvider provider : providers) {
      found.add(provider.locations().find(request));
    }
    outputHeaders.forEach(request::removeHeader);
    return check(request, found);
  }

  private JwtOutcome check(JwtRequest request, List<List<List<String>>> found) {
    long now = clock.millis() / 1000;
    JwtStatus refused = unheld(found, now);
    if (refused != JwtStatus.OK) {
      return new JwtOutcome.Refused(refused, challenge(request));
    }
    refused = JwtStatus.MISSING;
    for (int i = 0; i < providers.size(); i++) {
      JwtProvider provider = providers.get(i);
      TokenCheck check = provider.check(found.get(i), now);
      if (check.status() == JwtStatus.OK && check.verified() != null) {
        provider.forward(request, check.verified());
        return check.verified().outcome();
      }
      refused = worse(refused, check.status());
    }
    return refused == JwtStatus.MISSING
        ? JwtOutcome.NoToken.INSTANCE
        : new JwtOutcome.Refused(refused, challenge(request));
  }

  /**
   * Why one of several tokens holds under no rule that sees it; OK when each holds under one. The
   * application may read another of them than we, so a bad one is not made good by its neighbour.
   */
  private JwtStatus unheld(List<List<List<String>>> found, long now) {
    if (isOneAtMost(found)) {
      return JwtStatus.OK;
    }
    Set<String> tokens = new LinkedHashSet<>();
    found.forEach(locations -> locations.forEach(tokens::addAll));
    if (tokens.size() < 2) {
      return JwtStatus.OK;
    }
    for (String token : tokens) {
      JwtStatus status = JwtStatus.MISSING;
      for (int i = 0; i < providers.size() && status != JwtStatus.OK; i++) {
        if (found.get(i).stream().anyMatch(location -> location.contains(token))) {
          JwtStatus next = providers.get(i).check(token, now).status();
          status = next == JwtStatus.OK ? next : worse(status, next);
        }
      }
      if (status != JwtStatus.OK) {
        return status;
      }
    }
    return JwtStatus.OK;
  }

  /** What nearly every request brings, told without making anything. */
  private static boolean isOneAtMost(List<List<List<String>>> found) {
    int count = 0;
    for (List<List<String>> locations : found) {
      for (List<String> location : locations) {
        count += location.size();
      }
    }
    return count < 2;
  }

  /** Which of two failures the client is told: the one that says most of its token. */
  private static JwtStatus worse(JwtStatus soFar, JwtStatus next) {
    boolean telling = next != JwtStatus.MISSING && next != JwtStatus.UNKNOWN_ISSUER;
    return telling || soFar == JwtStatus.MISSING ? next : soFar;
  }

  /** {@code Bearer realm="…", error="invalid_token"} (RFC 6750 3). */
  private static String challenge(JwtRequest request) {
    String uri = request.scheme() + "://" + request.authority() + request.path() + request.query();
    StringBuilder realm = new StringBuilder("Bearer realm=\"");
    for (int i = 0; i < Math.min(LONGEST_REALM, uri.length()); i++) {
      char c = uri.charAt(i);
      if (c != '"' && c != '\\') {
        realm.append(c);
      }
    }
    return realm.append("\", error=\"invalid_token\"").toString();
  }

  /** {@code OPTIONS} with {@code Origin} and {@code Access-Control-Request-Method}. */
  private static boolean isCorsPreflight(JwtRequest request) {
    return request.method().equals("OPTIONS")
        && isPresent(request.header("origin", 0))
        && isPresent(request.header("access-control-request-method", 0));
  }

  private static boolean isPresent(@Nullable String value) {
    return value != null && !value.isEmpty();
  }
}
