package io.selvage.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class NameTableTest {

  private final InetAddress vip = InetAddress.ofLiteral("10.180.0.10");
  private final InetAddress other = InetAddress.ofLiteral("10.180.0.11");

  @Test
  void aServiceAnswersToItsThreeQualifiedNames() {
    var table = NameTable.builder().service("httpbin", "sample", List.of(vip)).build();
    for (String name :
        List.of("httpbin.sample", "httpbin.sample.svc", "httpbin.sample.svc.cluster.local")) {
      assertThat(table.lookup(name).orElseThrow()).map(InetAddress.class::cast).containsOnly(vip);
    }
    assertThat(table.lookup("httpbin")).isEmpty();
    assertThat(table.lookup("httpbin.other")).isEmpty();
  }

  @Test
  void caseAndTheFinalDotDoNotMatter() {
    var table = NameTable.builder().service("httpbin", "sample", List.of(vip)).build();
    assertThat(table.lookup("HTTPBIN.Sample.svc.")).isPresent();
  }

  @Test
  void aWildcardAnswersBelowItAndTheNearestHolds() {
    var table =
        NameTable.builder()
            .host("*.example.com", List.of(vip))
            .host("*.a.example.com", List.of(other))
            .host("b.a.example.com", List.of())
            .build();
    assertThat(table.lookup("x.example.com").orElseThrow())
        .map(InetAddress.class::cast)
        .containsOnly(vip);
    assertThat(table.lookup("x.a.example.com").orElseThrow())
        .map(InetAddress.class::cast)
        .containsOnly(other);
    assertThat(table.lookup("b.a.example.com").orElseThrow()).isEmpty();
    assertThat(table.lookup("example.com")).isEmpty();
  }

  @Test
  void addressesOtherThanIpv4AreLeftOut() {
    var table = NameTable.builder().host("six", List.of(InetAddress.ofLiteral("::1"))).build();
    assertThat(table.lookup("six").orElseThrow()).isEmpty();
  }

  @Test
  void aWildcardInTheMiddleIsRefused() {
    assertThatThrownBy(() -> NameTable.builder().host("a.*.com", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
