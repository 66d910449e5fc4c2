package io.selvage.xds.server;

import io.selvage.xds.XdsType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one client has and wants of one type. A response is out at a time; until it is answered,
 * newer versions are skipped, and then only the newest is sent. Not safe for use by several
 * threads.
 *
 * <p>"Has" is what the client acknowledged: after a refusal, the next version sends everything that
 * changed since then.
 */
final class Subscription {
  /** Stands for a name that the client was told does not exist. */
  private static final String ABSENT = "";

  private static final String ALL = "*";

  private final XdsType type;
  private final boolean delta;

  private boolean subscribed;
  private boolean wildcard;
  private boolean resend;
  private final Set<String> names = new HashSet<>();

  /** Names asked for, or wanted anew, since the response that is out: it may lack them. */
  private final Set<String> askedSince = new HashSet<>();

  /** For this version there is nothing to say, until the client asks for something else. */
  private @Nullable String settledVersion;

  /** Versions by name, as the client acknowledged them. */
  private Map<String, String> has = new HashMap<>();

  private @Nullable Sent sent;
  private String lastNonce = "";
  private String sentVersion = "";
  private @Nullable Instant sentAt;
  private String ackedVersion = "";
  private String nackedVersion = "";
  private ClientStatus.@Nullable Nack nack;

  /** A response that isn't answered yet. */
  private record Sent(String nonce, String version, Map<String, String> has) {}

  /**
   * What to send.
   *
   * @param version of the type
   * @param resources delta: what changed; else all that are wanted
   * @param removed delta: what is gone
   */
  record Outgoing(String version, List<EncodedResource> resources, List<String> removed) {}

  Subscription(XdsType type, boolean delta) {
    this.type = type;
    this.delta = delta;
  }

  // What the client says.

  /** The first delta request of a type, or a later one. A name asked for again is sent again. */
  void onDelta(
      Collection<String> subscribe,
      Collection<String> unsubscribe,
      Map<String, String> initialVersions) {
    boolean first = !subscribed;
    if (first) {
      subscribed = true;
      has = new HashMap<>(initialVersions);
      wildcard = subscribe.isEmpty() && type.isWholeSet();
    }
    for (String name : subscribe) {
      if (name.equals(ALL)) {
        wildcard = true;
      } else if (!names.add(name) || !first) {
        again(name);
      }
    }
    for (String name : unsubscribe) {
      if (name.equals(ALL)) {
        wildcard = false;
        has.keySet().retainAll(names);
      } else if (names.remove(name)) {
        has.remove(name);
      }
    }
    if (first || !subscribe.isEmpty() || !unsubscribe.isEmpty()) {
      settledVersion = null;
    }
  }

  /** The names of a state-of-the-world request; none at first means all, where a type allows. */
  void onNames(Collection<String> wanted) {
    boolean none = wanted.isEmpty();
    boolean first = !subscribed;
    subscribed = true;
    wildcard = wanted.contains(ALL) || (none && type.isWholeSet() && (first || wildcard));
    Set<String> now = new HashSet<>(wanted);
    now.remove(ALL);
    if (first || !names.equals(now)) {
      settledVersion = null;
      now.stream().filter(name -> !names.contains(name)).forEach(this::again);
      names.clear();
      names.addAll(now);
      if (!wildcard) {
        has.keySet().retainAll(names);
      }
    }
  }

  /** How many names are remembered for the client. */
  int size() {
    return names.size();
  }

  /** The client will want all of it again: what it depends on was sent anew. */
  void resend() {
    resend = true;
    settledVersion = null;
  }

  /** The client will want these again, as far as it asked for them. */
  void resend(Collection<String> these) {
    for (String name : these) {
      if (wildcard || names.contains(name)) {
        again(name);
        settledVersion = null;
      }
    }
  }

  private void again(String name) {
    has.remove(name);
    if (sent != null) {
      askedSince.add(name);
    }
  }

  /** Whether the nonce is that of the response that is out. */
  boolean isAnswer(String nonce) {
    return sent != null && sent.nonce().equals(nonce);
  }

  /** Whether the nonce is that of the last response, answered already or not. */
  boolean isLast(String nonce) {
    return lastNonce.equals(nonce);
  }

  /** The response that is out went out then. */
  void sent(Instant at) {
    sentAt = at;
  }

  /** The response that is out was taken. */
  void onAck() {
    Sent answered = sent;
    if (answered != null) {
      has = answered.has();
      has.keySet().removeAll(askedSince);
      if (!wildcard) {
        has.keySet().retainAll(names);
      }
      askedSince.clear();
      ackedVersion = answered.version();
      nackedVersion = "";
      sent = null;
    }
  }

  /** The response that is out was refused; it isn't sent again as it is. */
  void onNack(String detail, Instant at) {
    Sent answered = sent;
    if (answered != null) {
      nack = new ClientStatus.Nack(answered.version(), detail, at);
      nackedVersion = answered.version();
      settledVersion = askedSince.isEmpty() ? answered.version() : null;
      askedSince.clear();
      sent = null;
    }
  }

  // What to send.

  /** What the client lacks of {@code now}; empty when nothing, or when an answer is awaited. */
  Optional<Outgoing> next(TypeResources now, String nonce) {
    if (!subscribed || sent != null || now.version().equals(settledVersion)) {
      return Optional.empty();
    }
    return delta ? nextDelta(now, nonce) : nextWorld(now, nonce);
  }

  private Optional<Outgoing> nextDelta(TypeResources now, String nonce) {
    List<EncodedResource> changed = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    Map<String, String> after = new HashMap<>();
    Collection<EncodedResource> wanted = wanted(now);
    for (EncodedResource resource : wanted) {
      after.put(resource.name(), resource.version());
      if (!resource.version().equals(has.get(resource.name()))) {
        changed.add(resource);
      }
    }
    for (String name : names) {
      if (!after.containsKey(name)) {
        after.put(name, ABSENT);
        if (!ABSENT.equals(has.get(name))) {
          removed.add(name);
        }
      }
    }
    for (String name : has.keySet()) {
      if (!after.containsKey(name)) {
        removed.add(name);
      }
    }
    boolean first = ackedVersion.isEmpty() && sentVersion.isEmpty();
    if (changed.isEmpty() && removed.isEmpty() && !(first && wildcard)) {
      return nothing(now, !first || !has.isEmpty());
    }
    return Optional.of(out(now, nonce, after, changed, removed));
  }

  private Optional<Outgoing> nextWorld(TypeResources now, String nonce) {
    Map<String, String> after = new HashMap<>();
    List<EncodedResource> wanted = List.copyOf(wanted(now));
    wanted.forEach(resource -> after.put(resource.name(), resource.version()));
    boolean first = sentVersion.isEmpty();
    if (wanted.isEmpty() && !type.isWholeSet()) {
      return nothing(now, !first);
    }
    if (!first && !resend && after.equals(has)) {
      return nothing(now, true);
    }
    resend = false;
    return Optional.of(out(now, nonce, after, wanted, List.of()));
  }

  /** The client has what it should: as good as sent and acknowledged. */
  private Optional<Outgoing> nothing(TypeResources now, boolean knows) {
    settledVersion = now.version();
    nackedVersion = "";
    if (knows) {
      sentVersion = now.version();
      ackedVersion = now.version();
    }
    return Optional.empty();
  }

  private Outgoing out(
      TypeResources now,
      String nonce,
      Map<String, String> after,
      List<EncodedResource> resources,
      List<String> removed) {
    sent = new Sent(nonce, now.version(), after);
    lastNonce = nonce;
    sentVersion = now.version();
    return new Outgoing(now.version(), resources, removed);
  }

  /** Those of {@code now} that the client asked for. */
  Collection<EncodedResource> wanted(TypeResources now) {
    if (!subscribed) {
      return List.of();
    }
    if (wildcard) {
      return now.byName().values();
    }
    List<EncodedResource> wanted = new ArrayList<>(names.size());
    for (String name : names) {
      EncodedResource resource = now.byName().get(name);
      if (resource != null) {
        wanted.add(resource);
      }
    }
    return wanted;
  }

  // What is known of it.

  ClientStatus.TypeStatus status(TypeResources now) {
    ClientStatus.State state;
    if (!subscribed || sentVersion.isEmpty()) {
      state = ClientStatus.State.NOT_SENT;
    } else if (sent == null && !nackedVersion.isEmpty()) {
      state =
          nackedVersion.equals(now.version())
              ? ClientStatus.State.NACKED
              : ClientStatus.State.STALE;
    } else {
      state =
          sent == null && ackedVersion.equals(now.version())
              ? ClientStatus.State.SYNCED
              : ClientStatus.State.STALE;
    }
    return new ClientStatus.TypeStatus(
        type,
        subscribed,
        sentVersion,
        ackedVersion,
        Optional.ofNullable(sentAt),
        state,
        Optional.ofNullable(nack));
  }
}
