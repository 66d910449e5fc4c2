package io.selvage.prove.encode;

import java.util.List;

/** A part of a connection or request that statements are about. */
public sealed interface Field {
  /** The peer's identity; absent on plaintext. */
  record Peer() implements Field {}

  /** The address at the other end. */
  record SourceAddress() implements Field {}

  /** The client's address by trusted hops. */
  record RemoteAddress() implements Field {}

  /** The address that was dialled. */
  record DestinationAddress() implements Field {}

  /** SNI; may be absent. */
  record ServerName() implements Field {}

  /** What an external authorizer answers, if it is asked. */
  record Authorizer(String provider) implements Field {}

  /** {@code :method}. */
  record Method() implements Field {}

  /** The path, and the target that it comes from where policies look at that. */
  record Path() implements Field {}

  /** {@code :authority}. */
  record Host() implements Field {}

  /** A header by its lower-case name; may be absent. */
  record Header(String name) implements Field {}

  /** {@code iss} of the verified token; absent without a token. */
  record Issuer() implements Field {}

  /** {@code sub}; may be absent. */
  record Subject() implements Field {}

  /** Any other claim: the strings that are in its list. */
  record Claim(List<String> path) implements Field {}

  /** Whether it is part of a token. */
  default boolean isOfToken() {
    return this instanceof Issuer || this instanceof Subject || this instanceof Claim;
  }

  /** Where it stands among the levels of diagrams: what tells most apart comes first. */
  default int rank() {
    return switch (this) {
      case Peer _ -> 0;
      case SourceAddress _ -> 1;
      case RemoteAddress _ -> 2;
      case DestinationAddress _ -> 3;
      case ServerName _ -> 4;
      case Authorizer _ -> 5;
      case Issuer _ -> 6;
      case Subject _ -> 7;
      case Claim _ -> 8;
      case Method _ -> 9;
      case Path _ -> 10;
      case Host _ -> 11;
      case Header _ -> 12;
    };
  }
}
