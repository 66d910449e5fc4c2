package io.selvage.control;

import io.selvage.model.Problem;
import io.selvage.xds.server.ClientStatus;
import java.time.Instant;
import java.util.List;

/**
 * How a control plane stands at one moment.
 *
 * @param cluster its id
 * @param trustDomain the mesh's
 * @param generation of the configuration in force; grows with each change
 * @param startedAt since when it runs
 * @param clients how far each connected proxy is
 * @param problems what needs a look, the worst first
 * @param roots whom the mesh trusts
 * @param workloads how many run in this cluster
 * @param services how many hosts the mesh knows
 */
public record ControlPlaneStatus(
    String cluster,
    String trustDomain,
    long generation,
    Instant startedAt,
    List<ClientStatus> clients,
    List<Problem> problems,
    List<Root> roots,
    int workloads,
    int services) {

  /** A proxy refused what it was sent (doctor's catalogue). */
  public static final String REFUSED_BY_PROXY = "SLV7001";

  public ControlPlaneStatus {
    clients = List.copyOf(clients);
    problems = List.copyOf(problems);
    roots = List.copyOf(roots);
  }

  /** Whether every connected proxy has acknowledged what it should have. */
  public boolean synced() {
    return clients.stream()
        .flatMap(client -> client.types().stream())
        .allMatch(
            type ->
                switch (type.state()) {
                  case NOT_SENT, SYNCED -> true;
                  case STALE, NACKED -> false;
                });
  }

  /**
   * A root certificate.
   *
   * @param sha256 fingerprint, lower-case hexadecimal
   */
  public record Root(String subject, String sha256, Instant notBefore, Instant notAfter) {}
}
