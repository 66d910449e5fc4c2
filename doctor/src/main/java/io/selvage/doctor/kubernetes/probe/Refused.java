package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.doctor.probe.ProbeFailed;
import java.net.HttpURLConnection;

/** What an API server's refusal means for a probe. */
final class Refused {
  private Refused() {}

  /**
   * The probe that could not be sent.
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
}
