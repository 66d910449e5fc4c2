package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;

/** Istio's names of clusters, listeners and server names. */
final class Names {
  static final String VIRTUAL_INBOUND = "virtualInbound";
  static final String VIRTUAL_OUTBOUND = "virtualOutbound";
  static final String HTTP_PROXY = "http_proxy";
  static final String PASSTHROUGH_CLUSTER = "PassthroughCluster";
  static final String INBOUND_PASSTHROUGH_CLUSTER = "InboundPassthroughCluster";
  static final String BLACK_HOLE_CLUSTER = "BlackHoleCluster";
  static final int INBOUND_PORT = 15006;
  static final int OUTBOUND_PORT = 15001;

  private Names() {}

  static String outbound(int port, String subset, String host) {
    return "outbound|" + port + "|" + subset + "|" + host;
  }

  /** One of ours: no cluster of Istio's begins so. */
  static String balanced(int port, String host) {
    return "balanced|" + port + "||" + host;
  }

  static String inbound(int port) {
    return "inbound|" + port + "||";
  }

  /** What a client sends as SNI when it speaks the mesh's mTLS. */
  static String serverName(int port, String subset, MeshService service) {
    return "outbound_." + port + "_." + subset + "_." + service.host();
  }

  /** The route configuration of a port whose protocol is found out by looking. */
  static String sniffed(String host, int port) {
    return host + ":" + port;
  }
}
