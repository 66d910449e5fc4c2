package io.selvage.policy;

import java.net.InetAddress;

/**
 * A block of addresses: the first {@code prefixLength} bits of {@code address} are fixed, the rest
 * are zero. An IPv4 block never matches an IPv6 address; IPv4-mapped IPv6 addresses are IPv4 (the
 * JDK makes them so).
 *
 * @param address the lowest address of the block
 * @param prefixLength 0..32 or 0..128 bits
 */
public record Cidr(InetAddress address, int prefixLength) {}
