package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import java.util.List;

/**
 * A set of requests in the words of Istio's AuthorizationPolicy: from one of the sources, to one of
 * the workloads, for one of the operations, under all conditions.
 *
 * <p>Fields of HTTP are about HTTP: with one, connections that show no request are not in the
 * region, but for those to a port whose proxy never sees a request: it may be any of their bytes.
 *
 * @param from empty: anybody, plaintext included. As in a rule, a source that only says {@code
 *     not…} is plaintext too
 * @param operations empty: any
 */
public record Region(
    List<AuthorizationPolicy.Source> from,
    WorkloadSelection to,
    List<AuthorizationPolicy.Operation> operations,
    List<AuthorizationPolicy.Condition> when) {
  public Region {
    from = List.copyOf(from);
    operations = List.copyOf(operations);
    when = List.copyOf(when);
  }
}
