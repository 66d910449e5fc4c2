package io.selvage.proxy.jwt;

import io.selvage.proxy.jwt.JwtProvider.GoodToken;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were found good under one rule, by their SHA-256: the tokens themselves are not kept,
 * and no other token can have a kept one's place. Bounded: a newer one takes the slot of an older.
 * It lives and dies with its rule, so a change of keys forgets everything. Only good tokens are
 * kept, so that bad ones can't push them out.
 */
final class VerifiedTokens {
  private static final int SLOTS = 1024;

  /** A token that was good: its SHA-256, and what it says. */
  private static final class Entry {
    private final byte[] digest;
    private final GoodToken token;

    Entry(byte[] digest, GoodToken token) {
      this.digest = digest;
      this.token = token;
    }
  }

  private final AtomicReferenceArray<@Nullable Entry> slots = new AtomicReferenceArray<>(SLOTS);
  private final ThreadLocal<MessageDigest> sha256 = ThreadLocal.withInitial(VerifiedTokens::sha256);

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  byte[] digest(String token) {
    return sha256.get().digest(token.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Nullable GoodToken find(byte[] digest) {
    Entry entry = slots.get(slot(digest));
    return entry != null && Arrays.equals(entry.digest, digest) ? entry.token : null;
  }

  void add(byte[] digest, GoodToken verified) {
    slots.set(slot(digest), new Entry(digest, verified));
  }

  private static int slot(byte[] digest) {
    return (((digest[0] & 0xff) << 8) | (digest[1] & 0xff)) & (SLOTS - 1);
  }
}
