package io.selvage.proxy.tls;

/**
 * The key material that a TLS connection needs is not there, or is no good: nothing is let pass.
 */
public final class TlsNotReady extends Exception {
  private static final long serialVersionUID = 1;

  TlsNotReady(String message) {
    super(message);
  }

  TlsNotReady(String message, Throwable cause) {
    super(message, cause);
  }
}
