package io.selvage.proxy.http;

import io.selvage.proxy.telemetry.RequestRecord;

/** Tells a request's record where it goes. */
final class EdgeRecord {
  private EdgeRecord() {}

  static void route(RequestRecord record, HttpSession session, Upstream to, boolean grpc) {
    record.route(
        to.entry().config().name(),
        to.cluster().config().name(),
        session.edge(to.cluster(), to.endpoint(), grpc));
  }
}
