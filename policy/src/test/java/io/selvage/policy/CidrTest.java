package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "10.1.2.3/31, 10.1.2.2, true",
    "0.0.0.0/0, 1.2.3.4, true",
    "0.0.0.0/0, ::1, false",
    "::/0, 1.2.3.4, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::ffff:10.0.0.0/104, 10.9.9.9, true",
    "::ffff:10.0.0.1, 10.0.0.1, true",
  })
  void contains(String block, String address, boolean expected) {
    assertThat(Cidr.parse(block).contains(InetAddress.ofLiteral(address))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10",
        "10.1",
        "10.0.0.256",
        "010.0.0.1",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.0/08",
        "a.b",
        "localhost",
        "::1/129",
        "fe80::1%eth0",
        "[::1]",
        "::ffff:10.0.0.0/8"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void agreesWithArithmetic(
      @ForAll int block, @ForAll @IntRange(max = 32) int length, @ForAll int noise)
      throws UnknownHostException {
    int address = block ^ (length == 0 ? noise : noise & (-1 >>> (length - 1)));
    boolean expected =
        unsigned(block).shiftRight(32 - length).equals(unsigned(address).shiftRight(32 - length));
    assertThat(new Cidr(ipv4(block), length).contains(ipv4(address))).isEqualTo(expected);
  }

  private static BigInteger unsigned(int value) {
    return BigInteger.valueOf(Integer.toUnsignedLong(value));
  }

  private static InetAddress ipv4(int bits) throws UnknownHostException {
    return InetAddress.getByAddress(
        new byte[] {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits});
  }
}
