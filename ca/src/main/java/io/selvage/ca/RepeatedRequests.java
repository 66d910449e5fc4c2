package io.selvage.ca;

import io.selvage.ca.proto.meshca.MeshCertificateRequest;
import io.selvage.ca.proto.meshca.MeshCertificateResponse;
import io.selvage.pki.SpiffeId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The answers of the last ten minutes by caller and request id, at most 10,000 of them. */
final class RepeatedRequests {
  static final Duration WINDOW = Duration.ofMinutes(10);
  static final int MAX_ENTRIES = 10_000;

  private final InstantSource clock;
  private final Map<Key, Entry> byKey = new LinkedHashMap<>(); // in the order of their answers

  RepeatedRequests(InstantSource clock) {
    this.clock = clock;
  }

  /** One caller's request; another caller's same id is another request. */
  record Key(SpiffeId caller, UUID requestId) {}

  private record Entry(
      MeshCertificateRequest request, MeshCertificateResponse response, Instant at) {}

  /** What is known of a request id. */
  sealed interface Earlier {
    /** Not seen. */
    record None() implements Earlier {}

    /** Seen with other content. */
    record Different() implements Earlier {}

    /** Seen, and answered so. */
    record Same(MeshCertificateResponse response) implements Earlier {}
  }

  synchronized Earlier find(Key key, MeshCertificateRequest request) {
    forgetOld();
    Entry entry = byKey.get(key);
    if (entry == null) {
      return new Earlier.None();
    }
    return entry.request().equals(request)
        ? new Earlier.Same(entry.response())
        : new Earlier.Different();
  }

  /** Keeps an answer, and returns the one that stands: the first, when two raced. */
  synchronized MeshCertificateResponse remember(
      Key key, MeshCertificateRequest request, MeshCertificateResponse response) {
    Entry before = byKey.putIfAbsent(key, new Entry(request, response, clock.instant()));
    return before != null && before.request().equals(request) ? before.response() : response;
  }

  private void forgetOld() {
    Instant start = clock.instant().minus(WINDOW);
    Iterator<Entry> oldestFirst = byKey.values().iterator();
    while (oldestFirst.hasNext()) {
      if (oldestFirst.next().at().isAfter(start) && byKey.size() < MAX_ENTRIES) {
        return;
      }
      oldestFirst.remove();
    }
  }
}
