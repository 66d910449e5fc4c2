package io.selvage.proxy.accept;

/** The peer of a connection is not who may connect here. */
final class PeerRefused extends Exception {
  private static final long serialVersionUID = 1;

  PeerRefused(String message) {
    super(message);
  }
}
