package io.selvage.control.jwks;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Fetches over HTTP and HTTPS from addresses that {@link AddressRules} allow.
 *
 * <p>The name is resolved once and its addresses are judged. A name that resolves to something else
 * a moment later (DNS rebinding) gains nothing: over HTTP the connection is made to the very
 * address that was judged, over HTTPS whoever else is reached must prove to be the named host
 * before a byte of the request is sent. Redirects are not followed, and no proxy is used.
 */
public final class GuardedFetch implements KeyFetch {
  /** More than any issuer's keys need. */
  static final int MAX_BYTES = 512 << 10;

  private static final int HTTP_PORT = 80;

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
    boolean plain = "http".equals(address.getScheme());
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .sslContext(tls)
            .proxy(plain ? pinned(judged, address) : HttpClient.Builder.NO_PROXY)
            .build()) {
      HttpRequest request =
          HttpRequest.newBuilder(address)
              .timeout(timeout)
              .header("Accept", "application/json")
              .build();
      return exchange(client, request);
    }
  }

  /**
   * Takes the judged address for the proxy of its own name: the client then connects to it without
   * resolving anything, and sends the address in absolute form, which every server takes (RFC 9112
   * 3.2.2).
   */
  private static ProxySelector pinned(InetAddress judged, URI address) {
    int port = address.getPort() < 0 ? HTTP_PORT : address.getPort();
    return ProxySelector.of(new InetSocketAddress(judged, port));
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
