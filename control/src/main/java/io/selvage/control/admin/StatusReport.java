package io.selvage.control.admin;

import io.selvage.control.ControlPlane;
import io.selvage.control.ControlPlaneStatus;
import io.selvage.model.Problem;
import io.selvage.xds.server.ClientStatus;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The JSON of {@code /status}: a contract, so apart from the records that it is made of.
 *
 * @param apiVersion {@value #API_VERSION}
 */
public record StatusReport(
    String apiVersion,
    String cluster,
    String trustDomain,
    long generation,
    Instant startedAt,
    boolean synced,
    int workloads,
    int services,
    List<Proxy> proxies,
    List<Finding> problems,
    List<ControlPlaneStatus.Root> roots) {

  /** Of every JSON document that Selvage prints. */
  public static final String API_VERSION = "selvage.dev/v1";

  /**
   * A connected proxy.
   *
   * @param types state by xDS type, such as {@code "listener": "synced"}
   * @param refusals the last refusal by xDS type, in the proxy's words
   */
  public record Proxy(
      String node,
      String identity,
      String remote,
      Instant connectedAt,
      Map<String, String> types,
      Map<String, String> refusals) {}

  /**
   * Something that needs a look.
   *
   * @param at {@code file:line}
   */
  public record Finding(
      String severity, String code, String at, String field, String message, String suggestion) {}

  /** How a control plane stands now. */
  public static StatusReport of(ControlPlaneStatus status) {
    return new StatusReport(
        API_VERSION,
        status.cluster(),
        status.trustDomain(),
        status.generation(),
        status.startedAt(),
        status.synced(),
        status.workloads(),
        status.services(),
        status.clients().stream().map(StatusReport::proxy).toList(),
        status.problems().stream().map(StatusReport::finding).toList(),
        status.roots());
  }

  /** Where each rule is written, {@code file:line} by rule id: the JSON of {@code /why-map}. */
  public static Map<String, String> rules(ControlPlane plane) {
    Map<String, String> rules = new TreeMap<>();
    plane.rules().forEach((id, at) -> rules.put(id, at.toString()));
    return rules;
  }

  private static Proxy proxy(ClientStatus client) {
    Map<String, String> types = new TreeMap<>();
    Map<String, String> refusals = new TreeMap<>();
    for (ClientStatus.TypeStatus type : client.types()) {
      String name = type.type().name().toLowerCase(Locale.ROOT);
      types.put(name, type.state().name().toLowerCase(Locale.ROOT));
      type.nack().ifPresent(nack -> refusals.put(name, nack.detail()));
    }
    return new Proxy(
        client.nodeId(),
        client.identity().orElse(""),
        client.remote(),
        client.connectedAt(),
        types,
        refusals);
  }

  static Finding finding(Problem problem) {
    return new Finding(
        problem.severity().name().toLowerCase(Locale.ROOT),
        problem.code(),
        problem.at().toString(),
        problem.field(),
        problem.message(),
        problem.suggestion().orElse(""));
  }
}
