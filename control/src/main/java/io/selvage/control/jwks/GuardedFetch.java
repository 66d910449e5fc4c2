package io.selvage.control.jwks;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Fetches over HTTP and HTTPS from addresses that {@link AddressRules} allow.
 *
 * <p>The name is resolved once, its addresses are judged, and the connection is made to the very
 * address that was judged: a name that resolves to something else a moment later (DNS rebinding)
 * gains nothing. Redirects are not followed.
 */
public final class GuardedFetch implements KeyFetch {
  /** More than any issuer's keys need. */
  static final int MAX_BYTES = 512 << 10;

  private static final String RESTRICTED = "jdk.httpclient.allowRestrictedHeaders";

  static {
    // The request goes to an address, so its Host header has to be said; the JDK reads this once.
    String before = System.getProperty(RESTRICTED, "");
    if (!List.of(before.toLowerCase(Locale.ROOT).split(",", -1)).contains("host")) {
      System.setProperty(RESTRICTED, before.isEmpty() ? "host" : before + ",host");
    }
  }

  private final AddressRules rules;
  private final Resolver resolver;
  private final SSLContext tls;

  /** How names become addresses. */
  @FunctionalInterface
  public interface Resolver {
    /** All addresses of a name. */
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  /**
   * Fetches by these rules.
   *
   * @param tls whose roots are trusted
   */
  public GuardedFetch(AddressRules rules, Resolver resolver, SSLContext tls) {
    this.rules = rules;
    this.resolver = resolver;
    this.tls = tls;
  }

  @Override
  public String get(URI address, Duration timeout) throws IOException {
    String host = host(address);
    InetAddress judged = judged(host);
    SSLParameters parameters = new SSLParameters();
    sni(host).ifPresent(name -> parameters.setServerNames(List.of(name)));
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .sslContext(tls)
            .sslParameters(parameters)
            .build()) {
      return exchange(client, request(address, host, judged, timeout));
    }
  }

  private static String host(URI address) throws IOException {
    String scheme = String.valueOf(address.getScheme());
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new IOException("only http and https are fetched, not " + scheme);
    }
    String host = address.getHost();
    if (host == null || address.getRawUserInfo() != null) {
      throw new IOException("the address must name a host and no user");
    }
    return host;
  }

  /** One address of the host; refused when any of them may not be asked. */
  private InetAddress judged(String host) throws IOException {
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(host);
    } catch (UnknownHostException e) {
      throw new IOException("DNS knows no " + host, e);
    }
    for (InetAddress address : addresses) {
      Optional<String> refusal = rules.refusal(address);
      if (refusal.isPresent()) {
        throw new IOException(
            "refused: %s resolves to %s; allow its block in the control plane's settings if it is meant"
                .formatted(host, refusal.get()));
      }
    }
    return addresses[0];
  }

  private static Optional<SNIHostName> sni(String host) {
    boolean literal =
        host.startsWith("[") || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    return literal ? Optional.empty() : Optional.of(new SNIHostName(host));
  }

  private static HttpRequest request(URI address, String host, InetAddress judged, Duration timeout)
      throws IOException {
    try {
      String literal = judged.getHostAddress();
      URI pinned =
          new URI(
              address.getScheme()
                  + "://"
                  + (literal.indexOf(':') < 0 ? literal : "[" + literal + "]")
                  + (address.getPort() < 0 ? "" : ":" + address.getPort())
                  + (address.getRawPath() == null ? "/" : address.getRawPath())
                  + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery()));
      return HttpRequest.newBuilder(pinned)
          .timeout(timeout)
          .header("Host", address.getPort() < 0 ? host : host + ":" + address.getPort())
          .header("Accept", "application/json")
          .build();
    } catch (URISyntaxException e) {
      throw new IOException("the address is no URI", e);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "this Java was started without -D" + RESTRICTED + "=host, which fetching keys needs", e);
    }
  }

  private static String exchange(HttpClient client, HttpRequest request) throws IOException {
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw new IOException("it answered with status " + response.statusCode());
        }
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
          throw new IOException("the answer is longer than " + MAX_BYTES + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while fetching", e);
    } finally {
      client.shutdownNow();
    }
  }
}
