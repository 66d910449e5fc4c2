package io.selvage.control.generate;

/**
 * The IP version by which a workload is known, that of its first address. A Pod of an IPv6-only
 * cluster has no other, so that what its proxy listens at and connects from has to be of it.
 */
enum AddressFamily {
  V4("0.0.0.0", "127.0.0.6"),
  V6("::", "::6");

  private final String wildcard;
  private final String source;

  AddressFamily(String wildcard, String source) {
    this.wildcard = wildcard;
    this.source = source;
  }

  /** Of a literal IP. */
  static AddressFamily of(String address) {
    return address.indexOf(':') >= 0 ? V6 : V4;
  }

  /** Every address. */
  String wildcard() {
    return wildcard;
  }

  /** Source of the proxy's connections to its program, so that capture leaves them alone. */
  String loopbackSource() {
    return source;
  }
}
