package io.selvage.proxy.dns;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.net.Inet4Address;
import java.util.List;

/**
 * What is answered to a query: A records of known names, an empty answer for their other types
 * (there is no IPv6 in the mesh), and {@code NXDOMAIN} for every other name.
 */
final class DnsAnswers {

  /** Short, since endpoints and services move while clients live. */
  private static final int TTL_SECONDS = 5;

  private DnsAnswers() {}

  /** Completes {@code response} for {@code query}. */
  static <T extends DnsResponse> T fill(T response, DnsQuery query, NameTable table) {
    response.setRecursionDesired(query.isRecursionDesired());
    response.setRecursionAvailable(true);
    if (!query.opCode().equals(DnsOpCode.QUERY)) {
      response.setCode(DnsResponseCode.NOTIMP);
      return response;
    }
    if (query.count(DnsSection.QUESTION) != 1) {
      response.setCode(DnsResponseCode.FORMERR);
      return response;
    }
    DnsQuestion question = query.recordAt(DnsSection.QUESTION);
    response.addRecord(
        DnsSection.QUESTION,
        new DefaultDnsQuestion(question.name(), question.type(), question.dnsClass()));
    var addresses = table.lookup(question.name());
    if (addresses.isEmpty()) {
      response.setCode(DnsResponseCode.NXDOMAIN);
    } else if (question.type().equals(DnsRecordType.A)
        || question.type().equals(DnsRecordType.ANY)) {
      addAddresses(response, question.name(), addresses.get());
    }
    return response;
  }

  private static void addAddresses(
      DnsResponse response, String name, List<Inet4Address> addresses) {
    for (var address : addresses) {
      response.addRecord(
          DnsSection.ANSWER,
          new DefaultDnsRawRecord(
              name, DnsRecordType.A, TTL_SECONDS, Unpooled.wrappedBuffer(address.getAddress())));
    }
  }
}
