package io.selvage.ca.auth;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches small documents over HTTPS: no redirects, a time limit, a size limit. Plain HTTP only to
 * the own machine, since whoever can change the answer can make identities.
 */
public final class JwksFetch implements FetchedKeys.Fetch {
  /** More than any issuer's keys need. */
  public static final int MAX_BYTES = 256 * 1024;

  private final HttpClient client;
  private final Duration timeout;

  /**
   * @param client with redirects off and the trust that the issuer needs
   * @param timeout for the whole exchange, the last byte of the body included
   */
  public JwksFetch(HttpClient client, Duration timeout) {
    if (client.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("keys are not fetched through redirects");
    }
    this.client = client;
    this.timeout = timeout;
  }

  @Override
  public byte[] get(URI address) throws IOException {
    checkAddress(address);
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(timeout)
            .header("accept", "application/json")
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("status " + response.statusCode());
      }
      return response.body();
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IOException("no whole answer within " + timeout, e);
    } catch (ExecutionException e) {
      throw new IOException(
          "no answer, or one longer than " + MAX_BYTES + " bytes: " + e.getCause(), e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while fetching", e);
    }
  }

  private static void checkAddress(URI address) throws IOException {
    String host = address.getHost();
    if (host == null) {
      throw new IOException("the address has no host");
    }
    boolean own = host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
    boolean plain = "http".equals(address.getScheme());
    if (!"https".equals(address.getScheme()) && !(plain && own)) {
      throw new IOException("only https is fetched, and http from this machine");
    }
  }
}
