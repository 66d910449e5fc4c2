package io.selvage.control.kubernetes.identity;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.ca.auth.FetchedKeys;
import io.selvage.ca.auth.KeySource;
import io.selvage.control.kubernetes.access.MissingPermissions;
import io.selvage.control.kubernetes.access.PermissionCheck;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.InstantSource;

/**
 * A cluster's issuer of ServiceAccount tokens, as its API server publishes it.
 *
 * @param issuer the {@code iss} of its tokens
 * @param keys by which they are signed; fetched again when a token names one that isn't held
 */
public record ClusterIssuer(String issuer, KeySource keys) {
  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final String KEYS = "/openid/v1/jwks";
  private static final String BINDING = "selvage-issuer-discovery";

  /**
   * Asks the API server itself, not the address that it publishes: that one is for others, and
   * often out of reach.
   *
   * @throws IOException when it doesn't say who the issuer is
   */
  public static ClusterIssuer of(KubernetesClient client, InstantSource clock) throws IOException {
    URI keys = URI.create(client.getMasterUrl().toString()).resolve(KEYS);
    return new ClusterIssuer(
        issuer(discovery(client)),
        new FetchedKeys(
            keys, address -> get(client, KEYS).getBytes(StandardCharsets.UTF_8), clock));
  }

  private static String issuer(String discovery) throws IOException {
    try {
      String issuer = JSONObjectUtils.getString(JSONObjectUtils.parse(discovery), "issuer");
      if (issuer == null || issuer.isBlank()) {
        throw new IOException(DISCOVERY + " of the API server names no issuer");
      }
      return issuer;
    } catch (ParseException e) {
      throw new IOException(DISCOVERY + " of the API server is no JSON object", e);
    }
  }

  private static String get(KubernetesClient client, String path) throws IOException {
    try {
      return client.raw(path, "GET", null);
    } catch (KubernetesClientException e) {
      throw new IOException(
          "the API server does not give %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static String discovery(KubernetesClient client) throws IOException {
    try {
      return get(client, DISCOVERY);
    } catch (IOException e) {
      if (e.getCause() instanceof KubernetesClientException refused
          && refused.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        throw new IOException(forbidden(client), e);
      }
      throw e;
    }
  }

  /** Every ServiceAccount may, unless somebody took Kubernetes' own binding away. */
  private static String forbidden(KubernetesClient client) {
    String user = new PermissionCheck(client).user();
    return "%s %s may not get %s\nThis grants it:\nkubectl create clusterrolebinding %s --clusterrole=%s %s\n"
        .formatted(
            PermissionCheck.MISSING,
            user,
            DISCOVERY,
            BINDING,
            "system:service-account-issuer-discovery",
            MissingPermissions.asArgument(user));
  }
}
