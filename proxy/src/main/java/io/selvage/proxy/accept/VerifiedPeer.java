package io.selvage.proxy.accept;

import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.VerificationFailure;
import io.selvage.pki.VerifiedIdentity;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.policy.ConnectionAuthorization;
import io.selvage.policy.ConnectionFacts;
import io.selvage.proxy.telemetry.ConnectionRecord;
import io.selvage.proxy.tls.PeerCheck;
import io.selvage.proxy.tls.ServerTls;
import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose peer is known as well as its filter chain asks for: by certificate, or as
 * nobody where the chain takes plaintext. What the connection alone decides is decided here, once.
 * Only {@link #of} makes one, and {@link #current} makes it anew for a succeeding chain.
 */
public final class VerifiedPeer {
  private final Chain chain;
  private final Arrival arrival;
  private final ConnectionFacts facts;
  private final Optional<VerifiedIdentity> identity;
  private final @Nullable WorkloadCertificate own;
  private final String applicationProtocol;
  private final ConnectionAuthorization authorization;
  private final ConnectionRecord record;

  private VerifiedPeer(
      Chain chain,
      Arrival arrival,
      Optional<VerifiedIdentity> identity,
      @Nullable WorkloadCertificate own,
      String applicationProtocol,
      ConnectionRecord record) {
    this.chain = chain;
    this.arrival = arrival;
    this.identity = identity;
    this.own = own;
    this.applicationProtocol = applicationProtocol;
    this.record = record;
    this.facts =
        new ConnectionFacts(
            identity.map(peer -> peer.spiffeId().toString()),
            arrival.source().getAddress(),
            arrival.destination().getAddress(),
            arrival.destination().getPort(),
            arrival.serverName());
    this.authorization = chain.stack().authorization().onConnection(facts);
  }

  /**
   * Who is at the other end.
   *
   * @param tls the session whose handshake is over; null: nothing was terminated
   */
  static VerifiedPeer of(
      MatchedChain matched, ServerTls.@Nullable Session tls, ConnectionRecord record)
      throws PeerRefused {
    Chain chain = matched.chain();
    if (chain.tls().isPresent() != (tls != null)) {
      throw new PeerRefused("the filter chain and the connection differ about TLS");
    }
    if (tls == null) {
      return new VerifiedPeer(chain, matched.arrival(), Optional.empty(), null, "", record);
    }
    SSLSession session = tls.handler().engine().getSession();
    Optional<VerifiedIdentity> identity = identify(chain, tls, session);
    record.tls(tls.own().spiffeId().toString(), session.getProtocol());
    identity.ifPresent(
        peer -> record.peer(peer.spiffeId().toString(), peer.sha256Hex(), peer.subject()));
    String protocol = tls.handler().applicationProtocol();
    return new VerifiedPeer(
        chain, matched.arrival(), identity, tls.own(), protocol == null ? "" : protocol, record);
  }

  private static Optional<VerifiedIdentity> identify(
      Chain chain, ServerTls.Session tls, SSLSession session) throws PeerRefused {
    boolean required = chain.config().tls().orElseThrow().requireClientCertificate();
    if (tls.peerCheck().isEmpty()) {
      return Optional.empty();
    }
    PeerCheck check = tls.peerCheck().get();
    return switch (check.identify(session, PeerRole.CLIENT)) {
      case VerifiedIdentity peer -> Optional.of(peer);
      case VerificationFailure failure -> {
        if (required || failure.reason() != VerificationFailure.Reason.NO_CERTIFICATE) {
          throw new PeerRefused(failure.code() + " " + failure.message());
        }
        yield Optional.empty();
      }
    };
  }

  /** This peer under the chain that holds now: itself, unless the configuration has changed. */
  public VerifiedPeer current() {
    Chain newest = chain;
    for (Chain next = newest.successor(); next != null; next = next.successor()) {
      newest = next;
    }
    return newest == chain
        ? this
        : new VerifiedPeer(newest, arrival, identity, own, applicationProtocol, record);
  }

  /** The chain. */
  public Chain chain() {
    return chain;
  }

  /** What policy may know of the connection. */
  public ConnectionFacts facts() {
    return facts;
  }

  /** What is left of the policy to decide. */
  public ConnectionAuthorization authorization() {
    return authorization;
  }

  /** The certificate's owner; empty on plaintext. */
  public Optional<VerifiedIdentity> identity() {
    return identity;
  }

  /** What this side has shown; null on plaintext. */
  public @Nullable WorkloadCertificate own() {
    return own;
  }

  /** Whether the connection is encrypted. */
  public boolean isTls() {
    return own != null;
  }

  /** What ALPN settled on; empty when nothing. */
  public String applicationProtocol() {
    return applicationProtocol;
  }

  /** The client's address. */
  public InetSocketAddress source() {
    return arrival.source();
  }

  /** What the client dialled. */
  public InetSocketAddress destination() {
    return arrival.destination();
  }

  /** Where the connection's fate is told. */
  public ConnectionRecord record() {
    return record;
  }
}
