package io.selvage.control.generate;

import io.selvage.control.workload.ServiceEndpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights of a cluster's endpoints, so that they can be added: Envoy refuses a load assignment
 * whose weights are more than 2^32-1 together, and here they are ints. Who writes larger ones has
 * them made smaller in proportion, each at least 1.
 */
final class Weights {
  /** Most of all endpoints of a cluster together. */
  static final long MOST = Integer.MAX_VALUE;

  private Weights() {}

  /**
   * An endpoint whose weight may be larger than an int.
   *
   * @param weight 1..2^52
   */
  record Weighed(ServiceEndpoint endpoint, long weight) {}

  /** The same endpoints; the very list where nothing has to be smaller. */
  static List<ServiceEndpoint> bounded(List<ServiceEndpoint> endpoints) {
    long sum = 0;
    for (ServiceEndpoint endpoint : endpoints) {
      sum += endpoint.weight();
    }
    return sum <= MOST
        ? endpoints
        : of(endpoints.stream().map(one -> new Weighed(one, one.weight())).toList());
  }

  /** Endpoints with weights that can be added. */
  static List<ServiceEndpoint> of(List<Weighed> weighed) {
    double sum = weighed.stream().mapToDouble(Weighed::weight).sum();
    // half of what fits: what is rounded up to 1 must fit as well
    long divisor = sum <= MOST ? 1 : (long) Math.ceil(sum * 2 / MOST);
    List<ServiceEndpoint> all = new ArrayList<>(weighed.size());
    for (Weighed one : weighed) {
      all.add(one.endpoint().weighing((int) Math.max(1, one.weight() / divisor)));
    }
    return all;
  }
}
