package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.function.Supplier;

/** What is done without where an API server answers that the user may not (403). */
public final class Forbidden {
  private Forbidden() {}

  /**
   * What is asked for, or the other where it may not be had.
   *
   * @throws KubernetesClientException every other failure
   */
  public static <T> T or(Supplier<T> asked, T otherwise) {
    try {
      return asked.get();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return otherwise;
      }
      throw e;
    }
  }
}
