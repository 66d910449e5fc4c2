package io.selvage.proxy.http;

import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HopByHop;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.proxy.upstream.BodyForm;

/** What is added to and taken from the heads of answers. */
final class ResponseHead {
  private ResponseHead() {}

  /** Of an upstream's answer that took so long. */
  static void prepare(HeadBuffer head, BodyForm form, HttpSession session, long millis) {
    HopByHop.strip(head, form == BodyForm.TUNNEL);
    head.setNumber(KnownHeader.X_ENVOY_UPSTREAM_SERVICE_TIME, millis);
    prepareLocal(head, session);
  }

  /** Of an answer from here. */
  static void prepareLocal(HeadBuffer head, HttpSession session) {
    if (!head.has(KnownHeader.DATE)) {
      head.append(session.date().line());
    }
    session.stack().server().ifPresent(head::set);
  }
}
