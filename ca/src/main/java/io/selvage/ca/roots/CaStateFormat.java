package io.selvage.ca.roots;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.selvage.ca.proto.store.StoredCredentials;
import io.selvage.ca.proto.store.StoredFile;
import io.selvage.ca.proto.store.StoredState;
import io.selvage.ca.roots.RootRotation.Distributing;
import io.selvage.ca.roots.RootRotation.Retiring;
import io.selvage.ca.roots.RootRotation.Steady;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Optional;

/** The bytes of a stored state, keys included: a protobuf message beside its SHA-256. */
public final class CaStateFormat {
  private CaStateFormat() {}

  /** For a store alone. */
  public static byte[] write(CaState state) {
    StoredState.Builder stored =
        StoredState.newBuilder()
            .setGeneration(state.generation())
            .setSigning(credentials(state.rotation().signing()))
            .setFederatedRoots(state.federated().pem())
            .setJoinTokenKey(state.joinTokenKey());
    switch (state.rotation()) {
      case Steady _ -> {}
      case Distributing d ->
          stored.setNext(credentials(d.next())).setSince(d.since().getEpochSecond());
      case Retiring r -> {
        stored.setRetiringRoot(Pem.of(r.oldRoot())).setSince(r.since().getEpochSecond());
        r.old().ifPresent(old -> stored.setRetiring(credentials(old)));
      }
    }
    ByteString bytes = stored.build().toByteString();
    return StoredFile.newBuilder().setState(bytes).setSha256(sha256(bytes)).build().toByteArray();
  }

  /**
   * Reads and checks.
   *
   * @param now a CA certificate that expired meanwhile is an error here, not at the first request
   */
  public static CaState read(byte[] file, Instant now) throws IOException, PkiException {
    StoredState stored = verified(file);
    return new CaState(
        stored.getGeneration(), rotation(stored, now), federated(stored), stored.getJoinTokenKey());
  }

  /** Whether the bytes are a whole file, whatever they say. */
  static boolean isWhole(byte[] file) {
    try {
      verified(file);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static StoredState verified(byte[] file) throws IOException {
    try {
      StoredFile stored = StoredFile.parseFrom(file);
      if (stored.getState().isEmpty() || !stored.getSha256().equals(sha256(stored.getState()))) {
        throw new IOException("the file is damaged: its hash does not match");
      }
      return StoredState.parseFrom(stored.getState());
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("the file is damaged: it is no stored CA state", e);
    }
  }

  private static RootRotation rotation(StoredState stored, Instant now) throws PkiException {
    CaCredentials signing = credentials(stored.getSigning(), now);
    Instant since = Instant.ofEpochSecond(stored.getSince());
    if (stored.hasNext()) {
      return new Distributing(signing, credentials(stored.getNext(), now), since);
    }
    return stored.getRetiringRoot().isEmpty()
        ? new Steady(signing)
        : new Retiring(
            signing,
            Pem.certificates(stored.getRetiringRoot()).getFirst(),
            retiring(stored, now),
            since);
  }

  /** Nothing when it expired while it retires: it only has to be trusted, not to sign. */
  private static Optional<CaCredentials> retiring(StoredState stored, Instant now) {
    try {
      return stored.hasRetiring()
          ? Optional.of(credentials(stored.getRetiring(), now))
          : Optional.empty();
    } catch (PkiException e) {
      return Optional.empty();
    }
  }

  private static TrustBundle federated(StoredState stored) throws PkiException {
    return stored.getFederatedRoots().isEmpty()
        ? TrustBundle.empty()
        : TrustBundle.parse(stored.getFederatedRoots());
  }

  private static StoredCredentials credentials(CaCredentials credentials) {
    return StoredCredentials.newBuilder()
        .setPrivateKey(credentials.privateKeyPem())
        .setChain(Pem.of(credentials.chain()))
        .build();
  }

  private static CaCredentials credentials(StoredCredentials stored, Instant now)
      throws PkiException {
    return CaCredentials.of(
        Pem.privateKey(stored.getPrivateKey()), Pem.certificates(stored.getChain()), now);
  }

  private static ByteString sha256(ByteString bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.asReadOnlyByteBuffer());
      return ByteString.copyFrom(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
