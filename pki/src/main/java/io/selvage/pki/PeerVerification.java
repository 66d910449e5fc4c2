package io.selvage.pki;

/** The outcome of judging a peer's certificates: who it is, or why it is nobody. */
public sealed interface PeerVerification permits VerifiedIdentity, VerificationFailure {}
