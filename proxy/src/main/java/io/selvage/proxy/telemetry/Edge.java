package io.selvage.proxy.telemetry;

/**
 * Who talks to whom, by which proxy's account: the labels of Istio's metrics that don't change from
 * request to request.
 *
 * @param reporter which side tells
 * @param source the caller
 * @param destination the called
 * @param destinationService host name of the service
 * @param destinationServiceName its short name
 * @param destinationServiceNamespace its namespace
 * @param protocol {@code http}, {@code grpc} or {@code tcp}
 * @param security what is known of the connection
 */
public record Edge(
    Reporter reporter,
    Workload source,
    Workload destination,
    String destinationService,
    String destinationServiceName,
    String destinationServiceNamespace,
    String protocol,
    Security security) {
  /** Which proxy tells. */
  public enum Reporter {
    /** The caller's. */
    SOURCE("source"),
    /** The called's. */
    DESTINATION("destination");

    private final String label;

    Reporter(String label) {
      this.label = label;
    }
  }

  /** {@code connection_security_policy}. */
  public enum Security {
    /** The source doesn't know. */
    UNKNOWN("unknown"),
    /** Plaintext. */
    NONE("none"),
    /** Both ends showed a certificate. */
    MUTUAL_TLS("mutual_tls");

    private final String label;

    Security(String label) {
      this.label = label;
    }
  }

  String reporterLabel() {
    return reporter.label;
  }

  String securityLabel() {
    return security.label;
  }
}
