package io.selvage.doctor.probe;

/** By what the doctor knows what it made for probes, its own and what others left behind. */
public final class ProbeLabels {
  /** How names of private namespaces begin. */
  public static final String PREFIX = "selvage-probe-";

  /** Label of all that is made; its value is the probe's id. */
  public static final String PROBE = "selvage.io/probe";

  /** Kubernetes' own label for who looks after an object. */
  public static final String OWNER = "app.kubernetes.io/managed-by";

  /** Its value. */
  public static final String DOCTOR = "selvage-doctor";

  /** Annotation: from when on it is a left-over, RFC 3339. */
  public static final String EXPIRES = "selvage.io/probe-expires";

  private ProbeLabels() {}
}
