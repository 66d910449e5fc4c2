package io.selvage.xds.server;

import io.selvage.xds.XdsType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
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
  private static final String ALL = "*";

  private final XdsType type;
  private final boolean delta;

  private boolean subscribed;
  private boolean wildcard;
  private boolean resend;
  private Names names = Names.NONE;

  /** Names asked for, or wanted anew, since the response that is out: it may lack them. */
  private final Set<String> askedSince = new HashSet<>();

  /** For this version there is nothing to say, until the client asks for something else. */
  private @Nullable String settledVersion;

  /** As the client acknowledged it. */
  private Holdings has = Holdings.said(Map.of());

  private @Nullable Sent sent;
  private String lastNonce = "";
  private String sentVersion = "";
  private @Nullable Instant sentAt;
  private String ackedVersion = "";
  private String nackedVersion = "";
  private ClientStatus.@Nullable Nack nack;

  /** A response that isn't answered yet. */
  private record Sent(String nonce, String version, Holdings has) {}

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
      has = Holdings.said(initialVersions);
      wildcard = subscribe.isEmpty() && type.isWholeSet();
    }
    Set<String> wanted = new HashSet<>(names.all());
    for (String name : subscribe) {
      if (name.equals(ALL)) {
        wildcard = true;
      } else if (!wanted.add(name) || !first) {
        again(name);
      }
    }
    boolean allGone = unsubscribe.contains(ALL);
    for (String name : unsubscribe) {
      if (wanted.remove(name)) {
        has.lacks(name);
      }
    }
    if (!subscribe.isEmpty() || !unsubscribe.isEmpty()) {
      names = Names.of(wanted);
    }
    if (allGone) {
      wildcard = false;
      has = has.of(names);
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
    if (first || !names.all().equals(now)) {
      settledVersion = null;
      now.stream().filter(name -> !names.contains(name)).forEach(this::again);
      names = Names.of(now);
      if (!wildcard) {
        has = has.of(names);
      }
    }
  }

  /** How many names are remembered for the client. */
  int size() {
    return names.all().size();
  }

  /** The client will want all of it again: what it depends on was sent anew. */
  void resend() {
    resend = true;
    settledVersion = null;
  }

  /** The client will want what has these names again, as far as it asked for it. */
  void resend(List<EncodedResource> these) {
    if (!subscribed) {
      return;
    }
    for (EncodedResource resource : these) {
      String name = resource.name();
      if (wildcard || names.contains(name)) {
        again(name);
        settledVersion = null;
      }
    }
  }

  private void again(String name) {
    has.lacks(name);
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
      askedSince.forEach(has::lacks);
      if (!wildcard) {
        has = has.of(names);
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
    return next(now, nonce, bytes -> true);
  }

  /**
   * As {@link #next(TypeResources, String)}, when it may be sent now.
   *
   * @param admits whether so many bytes may be; if not, nothing is changed
   */
  Optional<Outgoing> next(TypeResources now, String nonce, LongPredicate admits) {
    if (!subscribed || sent != null || now.version().equals(settledVersion)) {
      return Optional.empty();
    }
    return delta ? nextDelta(now, nonce, admits) : nextWorld(now, nonce, admits);
  }

  private Optional<Outgoing> nextDelta(TypeResources now, String nonce, LongPredicate admits) {
    List<EncodedResource> changed = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    TypeResources given = has.given(wildcard, names);
    if (given == null && has.isNothing()) {
      return first(now, nonce, admits);
    } else if (given == null) {
      compare(now, changed, removed);
    } else {
      compareToGiven(given, now, changed, removed);
    }
    boolean first = ackedVersion.isEmpty() && sentVersion.isEmpty();
    if (changed.isEmpty() && removed.isEmpty() && !(first && wildcard)) {
      return nothing(now, !first || !has.isEmpty());
    }
    return out(now, nonce, admits, changed, removed);
  }

  /** To a client that has nothing. Whether it may be sent is asked before anything is gathered. */
  private Optional<Outgoing> first(TypeResources now, String nonce, LongPredicate admits) {
    boolean never = ackedVersion.isEmpty() && sentVersion.isEmpty();
    ResourceSet.Selection named = now.named(names);
    long bytes = wildcard ? now.bytes() : named.bytes();
    if (bytes == 0 && named.absent().isEmpty() && !(never && wildcard)) {
      return nothing(now, !never);
    }
    return out(
        now,
        nonce,
        admits,
        bytes,
        () ->
            new Outgoing(now.version(), wildcard ? now.all() : named.resources(), named.absent()));
  }

  /** What was given before and is given now are compared once for all clients. */
  private void compareToGiven(
      TypeResources given, TypeResources now, List<EncodedResource> changed, List<String> removed) {
    ResourceSet.Difference difference = now.since(given);
    for (EncodedResource resource : difference.changed()) {
      if (isWanted(resource.name()) && !has.differing().contains(resource.name())) {
        changed.add(resource);
      }
    }
    for (String name : difference.removed()) {
      if (isWanted(name) && !has.differing().contains(name)) {
        removed.add(name);
      }
    }
    for (String name : has.differing()) {
      compare(name, now, changed, removed);
    }
  }

  private void compare(TypeResources now, List<EncodedResource> changed, List<String> removed) {
    for (EncodedResource resource : wanted(now)) {
      if (!resource.version().equals(has.version(resource.name()))) {
        changed.add(resource);
      }
    }
    Set<String> gone = has.held();
    gone.addAll(names.all());
    gone.removeIf(name -> isWanted(name) && now.get(name).isPresent());
    for (String name : gone) {
      if (!names.contains(name) || !Holdings.ABSENT.equals(has.version(name))) {
        removed.add(name);
      }
    }
  }

  private void compare(
      String name, TypeResources now, List<EncodedResource> changed, List<String> removed) {
    Optional<EncodedResource> resource = isWanted(name) ? now.get(name) : Optional.empty();
    String version = has.version(name);
    if (resource.isPresent()) {
      if (!resource.get().version().equals(version)) {
        changed.add(resource.get());
      }
    } else if (names.contains(name) ? !Holdings.ABSENT.equals(version) : version != null) {
      removed.add(name);
    }
  }

  private boolean isWanted(String name) {
    return wildcard || names.contains(name);
  }

  private Optional<Outgoing> nextWorld(TypeResources now, String nonce, LongPredicate admits) {
    List<EncodedResource> wanted = List.copyOf(wanted(now));
    boolean first = sentVersion.isEmpty();
    if (wanted.isEmpty() && !type.isWholeSet()) {
      return nothing(now, !first);
    }
    if (!first && !resend && holds(wanted)) {
      return nothing(now, true);
    }
    Optional<Outgoing> out = out(now, nonce, admits, wanted, List.of());
    resend &= out.isEmpty();
    return out;
  }

  /** Whether the client has exactly these; what it was told to be absent is as good as unsaid. */
  private boolean holds(List<EncodedResource> wanted) {
    for (EncodedResource resource : wanted) {
      if (!resource.version().equals(has.version(resource.name()))) {
        return false;
      }
    }
    return has.held().stream().filter(name -> !Holdings.ABSENT.equals(has.version(name))).count()
        == wanted.size();
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

  private Optional<Outgoing> out(
      TypeResources now,
      String nonce,
      LongPredicate admits,
      List<EncodedResource> resources,
      List<String> removed) {
    return out(
        now,
        nonce,
        admits,
        resources.stream().mapToLong(EncodedResource::bytes).sum(),
        () -> new Outgoing(now.version(), resources, removed));
  }

  private Optional<Outgoing> out(
      TypeResources now,
      String nonce,
      LongPredicate admits,
      long bytes,
      Supplier<Outgoing> outgoing) {
    if (!admits.test(bytes)) {
      return Optional.empty();
    }
    settledVersion = null; // by the time of the answer it may be as it was before
    sent = new Sent(nonce, now.version(), Holdings.after(now, wildcard, names));
    lastNonce = nonce;
    sentVersion = now.version();
    return Optional.of(outgoing.get());
  }

  /** Those of {@code now} that the client asked for. */
  Collection<EncodedResource> wanted(TypeResources now) {
    if (!subscribed) {
      return List.of();
    }
    if (wildcard) {
      return now.all();
    }
    return now.named(names).resources();
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
