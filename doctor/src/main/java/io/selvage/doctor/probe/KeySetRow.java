package io.selvage.doctor.probe;

import com.nimbusds.jose.jwk.JWKSet;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProbeOutcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.text.ParseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The key sets that RequestAuthentications name. Whoever writes one chooses the address, so that a
 * public one is fetched from here through the control plane's own guard, and one of a Service of
 * the cluster from the Pod outside of the mesh; no other is fetched at all.
 */
public final class KeySetRow {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Pattern STATUS =
      Pattern.compile("it answered with status (?<status>[0-9]+)");
  private static final Pattern SERVICE =
      Pattern.compile("[a-z0-9-]+\\.[a-z0-9-]+\\.svc(\\.cluster\\.local)?");

  private final KeyFetch fetch;
  private final Inside outside;
  private final Rows rows;

  /** A Pod of the cluster that asks. */
  @FunctionalInterface
  public interface Inside {
    /** Sends a GET. */
    CurlAnswer get(String url) throws ProbeFailed, InterruptedException;
  }

  /**
   * With both ways to fetch.
   *
   * @param outside somebody of the cluster without an identity of the mesh
   */
  public KeySetRow(KeyFetch fetch, Inside outside, Rows rows) {
    this.fetch = fetch;
    this.outside = outside;
    this.rows = rows;
  }

  /** Fetches them all. */
  public void send(ClusterEvidence seen) throws InterruptedException {
    for (ApiObject authentication : seen.objects().all(Kind.REQUEST_AUTHENTICATION)) {
      for (JsonNode rule : authentication.at("/spec/jwtRules")) {
        String address = rule.path("jwksUri").asString("");
        if (!address.isEmpty()) {
          rows.add(fetched(authentication, address));
        }
      }
    }
  }

  private ProbeOutcome fetched(ApiObject authentication, String address)
      throws InterruptedException {
    Map<String, String> details = new HashMap<>();
    String from = "doctor";
    String result;
    Optional<URI> uri = uri(address);
    if (uri.isEmpty()) {
      result = "blocked";
      details.put("error", "no address of HTTP or HTTPS");
    } else if (SERVICE.matcher(String.valueOf(uri.get().getHost())).matches()) {
      from = "outside";
      result = inside(uri.get(), details);
    } else {
      result = guarded(uri.get(), details);
    }
    return new ProbeOutcome(
        ProbeOutcome.Purpose.JWKS_FETCH,
        from,
        new ProbeOutcome.Target(authentication.namespace(), authentication.name()),
        uri.map(URI::getPort).filter(port -> port > 0).orElse(0),
        address,
        result,
        details);
  }

  private static Optional<URI> uri(String address) {
    try {
      URI uri = URI.create(address);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return isHttp && uri.getHost() != null && uri.getRawUserInfo() == null
          ? Optional.of(uri)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private String inside(URI uri, Map<String, String> details) throws InterruptedException {
    try {
      CurlAnswer answer = outside.get(uri.toString());
      if (answer.status() == 200) {
        keys(answer.body(), details);
      } else if (!answer.error().isEmpty()) {
        details.put("error", answer.error());
      }
      return answer.result();
    } catch (ProbeFailed e) {
      details.put("error", String.valueOf(e.getMessage()));
      return ProbeOutcome.NOT_SENT;
    }
  }

  private String guarded(URI uri, Map<String, String> details) {
    try {
      keys(fetch.get(uri, LIMIT), details);
      return "200";
    } catch (HttpTimeoutException e) {
      return "timeout";
    } catch (ConnectException e) {
      details.put("error", String.valueOf(e.getMessage()));
      return "refused";
    } catch (IOException e) {
      String words = String.valueOf(e.getMessage());
      details.put("error", words);
      Matcher status = STATUS.matcher(words);
      if (status.matches()) {
        return status.group("status");
      }
      return words.toLowerCase(Locale.ROOT).startsWith("refused:") ? "blocked" : "unreachable";
    }
  }

  private static void keys(String text, Map<String, String> details) {
    try {
      details.put("keys", Integer.toString(JWKSet.parse(text).size()));
    } catch (ParseException e) {
      details.put("keys", "0");
      details.put("error", "no key set: " + e.getMessage());
    }
  }
}
