package io.selvage.control.jwks;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.96.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "240.240.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "ff02::1",
        "192.0.0.192"
      })
  void whatIsNotPublicIsRefused(String address) throws UnknownHostException {
    assertThat(AddressRules.PUBLIC_ONLY.refusal(InetAddress.getByName(address))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
  void whatIsPublicMayBeAsked(String address) throws UnknownHostException {
    assertThat(AddressRules.PUBLIC_ONLY.refusal(InetAddress.getByName(address))).isEmpty();
  }

  @Test
  void anAllowedBlockMayBeAskedAndNothingBesideIt() throws UnknownHostException {
    AddressRules rules =
        new AddressRules(List.of(new Cidr(InetAddress.getByName("10.96.0.0"), 12)));

    assertThat(rules.refusal(InetAddress.getByName("10.111.255.255"))).isEmpty();
    assertThat(rules.refusal(InetAddress.getByName("10.112.0.0"))).isPresent();
  }
}
