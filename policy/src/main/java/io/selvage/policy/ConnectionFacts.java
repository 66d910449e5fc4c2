package io.selvage.policy;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What is known of a connection once its handshake is over; it doesn't change afterwards.
 *
 * @param peerPrincipal the peer's verified URI SAN ({@code spiffe://td/ns/n/sa/s}); empty on
 *     plaintext
 * @param sourceAddress the other end of the TCP connection
 * @param destinationAddress the address that the client dialled
 * @param destinationPort the workload's port, 0..65535
 * @param serverName SNI, as sent
 */
public record ConnectionFacts(
    Optional<String> peerPrincipal,
    InetAddress sourceAddress,
    InetAddress destinationAddress,
    int destinationPort,
    Optional<String> serverName) {}
