package io.selvage.xds.server;

/** Why a client gets no configuration; the message is sent to it. */
public final class NodeRefusal extends Exception {
  private static final long serialVersionUID = 1;

  /** Stable code of all refusals. */
  public static final String CODE = "SLV7302";

  public NodeRefusal(String message) {
    super(message);
  }
}
