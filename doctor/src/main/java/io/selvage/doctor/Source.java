package io.selvage.doctor;

/** What a check looks at. */
public enum Source {
  /** Objects of the Kubernetes API, or of the mesh's folder. */
  OBJECTS,
  /** What proxies have: Envoy's config dumps, and what the control plane says of them. */
  CONFIG,
  LOGS,
  METRICS,
  /** A TLS handshake without a request. */
  HANDSHAKE,
  /** Requests of our own from a private namespace; only with {@code --probe}. */
  PROBE,
  /** A cloud provider's API, read only. */
  CLOUD
}
