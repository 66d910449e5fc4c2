package io.selvage.ca.client;

import io.grpc.Status;

/** No certificate was had; the message says from whom, why, and what to look at. */
public final class CertificateRequestFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final Status.Code status;

  public CertificateRequestFailed(Status.Code status, String message, Throwable cause) {
    super("SLV1010 " + message, cause);
    this.status = status;
  }

  public CertificateRequestFailed(Status.Code status, String message) {
    super("SLV1010 " + message);
    this.status = status;
  }

  /** The gRPC status of the last try, or {@code DATA_LOSS} for an answer that does not hold. */
  public Status.Code status() {
    return status;
  }
}
