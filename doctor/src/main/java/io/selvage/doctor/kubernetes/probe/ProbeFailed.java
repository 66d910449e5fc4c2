package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.doctor.evidence.Look;
import java.net.HttpURLConnection;
import java.util.Optional;

/** A probe that could not be sent, which says nothing of what it was to show. */
final class ProbeFailed extends Exception {
  private static final long serialVersionUID = 1;

  private final String missing;

  ProbeFailed(String message) {
    super(message);
    this.missing = "";
  }

  private ProbeFailed(String message, String missing, Throwable cause) {
    super(message, cause);
    this.missing = missing;
  }

  /**
   * What an API server's refusal means.
   *
   * @param right what was tried, as {@code kubectl auth can-i} takes it
   */
  static ProbeFailed of(KubernetesClientException e, String right) {
    boolean isForbidden = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
    return new ProbeFailed("the API server: " + words(e), isForbidden ? right : "", e);
  }

  /** The API server's own message. */
  static String words(KubernetesClientException e) {
    return e.getStatus() == null || e.getStatus().getMessage() == null
        ? String.valueOf(e.getMessage())
        : e.getStatus().getMessage();
  }

  <T> Look<T> look() {
    return new Look.Unseen<>(
        String.valueOf(getMessage()), missing.isEmpty() ? Optional.empty() : Optional.of(missing));
  }
}
