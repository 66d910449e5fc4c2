package io.selvage.proxy.http;

import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.telemetry.EdgeMetrics;
import io.selvage.proxy.telemetry.RequestRecord;
import io.selvage.proxy.upstream.UpstreamCluster;

/** Tells a request's record where it goes. */
final class EdgeRecord {
  private EdgeRecord() {}

  static void route(RequestRecord record, HttpSession session, Upstream to, boolean grpc) {
    record.route(
        to.entry().config().name(),
        to.cluster().config().name(),
        session.edge(to.cluster(), to.endpoint(), grpc));
  }

  /**
   * Of a request that is answered here: counted, and logged, under the route that it would have
   * had.
   */
  static void unrouted(RequestRecord record, HttpSession session, HeadBuffer head, boolean grpc) {
    RouteTable table = session.stack().routes().table();
    RouteTable.Entry entry = table == null ? null : table.find(head);
    UpstreamCluster cluster =
        entry == null ? null : entry.target().map(to -> to.cluster().cluster()).orElse(null);
    EdgeMetrics edge = session.edge(cluster, null, grpc);
    if (entry == null || cluster == null) {
      record.edge(edge);
    } else {
      record.route(entry.config().name(), cluster.config().name(), edge);
    }
  }
}
