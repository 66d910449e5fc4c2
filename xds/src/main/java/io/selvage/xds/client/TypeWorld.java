package io.selvage.xds.client;

import com.google.protobuf.Any;
import io.selvage.xds.XdsType;
import io.selvage.xds.parse.ParseProblem;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.XdsResource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of one type: the newest that the control plane sent, good and bad, and the last that
 * was good as a whole. As long as something bad is in the newest, all of it is refused.
 */
final class TypeWorld {
  private final XdsType type;

  private Map<String, Item> newest = new HashMap<>();
  private Map<String, Item> accepted = Map.of();
  private Set<String> wanted = Set.of();
  private String version = "";
  private boolean answered;
  private @Nullable Instant takenAt;
  private ClientState.@Nullable Refusal refused;

  /**
   * One resource as it came.
   *
   * @param version in delta xDS
   * @param resource null when it is bad, or known not to exist
   * @param problems why it is bad
   */
  private record Item(String version, @Nullable XdsResource resource, List<ParseProblem> problems) {
    static final Item ABSENT = new Item("", null, List.of());
  }

  TypeWorld(XdsType type) {
    this.type = type;
  }

  // What comes.

  void takeDelta(
      Collection<io.envoyproxy.envoy.service.discovery.v3.Resource> resources,
      Collection<String> removed) {
    Set<String> seen = new HashSet<>();
    for (var resource : resources) {
      if (!type.isWholeSet() && !wanted.contains(resource.getName())) {
        continue; // not wanted any more: were it kept, nobody would say when it goes
      }
      if (!seen.add(resource.getName())) {
        newest.put(resource.getName(), twice(resource.getName()));
        continue;
      }
      ParseResult parsed = ResourceParser.parse(type, resource.getName(), resource.getResource());
      newest.put(
          resource.getName(),
          new Item(
              resource.getVersion(), parsed.good().get(resource.getName()), parsed.problems()));
    }
    for (String name : removed) {
      if (wanted.contains(name)) {
        newest.put(name, Item.ABSENT);
      } else {
        newest.remove(name);
      }
    }
  }

  private Item twice(String name) {
    String shown = name.length() > 160 ? name.substring(0, 160) + "…" : name;
    return new Item(
        "",
        null,
        List.of(
            new ParseProblem(
                type, shown.replaceAll("\\p{Cntrl}", "?"), "", "comes twice in one response")));
  }

  void takeWorld(List<Any> resources) {
    ParseResult parsed = ResourceParser.parse(type, resources);
    if (type.isWholeSet()) {
      newest.clear();
    }
    newest.keySet().removeIf(name -> name.startsWith("#"));
    parsed.good().forEach((name, good) -> newest.put(name, new Item("", good, List.of())));
    for (ParseProblem problem : parsed.problems()) {
      newest.merge(
          "#" + problem.resource(),
          new Item("", null, List.of(problem)),
          (before, more) -> {
            List<ParseProblem> both = new ArrayList<>(before.problems());
            both.addAll(more.problems());
            return new Item("", null, List.copyOf(both));
          });
    }
  }

  List<ParseProblem> problems() {
    return newest.values().stream().flatMap(item -> item.problems().stream()).toList();
  }

  // What becomes of it.

  /** The newest is good; the result takes that back. */
  Runnable accept(String newVersion, Instant now) {
    Map<String, Item> itemsBefore = accepted;
    String versionBefore = version;
    Instant takenBefore = takenAt;
    boolean answeredBefore = answered;
    accepted = Map.copyOf(newest);
    version = newVersion;
    takenAt = now;
    answered = true;
    refused = null;
    return () -> {
      accepted = itemsBefore;
      version = versionBefore;
      takenAt = takenBefore;
      answered = answeredBefore;
    };
  }

  void refuse(String why, Instant now) {
    Map<String, String> resources = new TreeMap<>();
    problems().forEach(p -> resources.merge(p.resource(), p.toString(), (a, b) -> a + "; " + b));
    refused = new ClientState.Refusal(why, now, resources);
  }

  /** The stream is gone: the control plane will send again what was not taken. */
  void disconnected() {
    newest = new HashMap<>(accepted);
  }

  /** Names that are referred to from now on; what isn't any more is forgotten. */
  void want(Set<String> names) {
    wanted = Set.copyOf(names);
    newest.keySet().retainAll(wanted);
    Map<String, Item> kept = new HashMap<>(accepted);
    kept.keySet().retainAll(wanted);
    accepted = Map.copyOf(kept);
  }

  Set<String> wanted() {
    return wanted;
  }

  // What is known.

  /** Whether a whole response was ever taken. */
  boolean isAnswered() {
    return answered;
  }

  /** Whether the control plane said that there is no such resource. */
  boolean isAbsent(String name) {
    Item item = accepted.get(name);
    return item != null && item.resource() == null;
  }

  <R extends XdsResource> Optional<R> get(String name, Class<R> as) {
    Item item = accepted.get(name);
    return item == null ? Optional.empty() : Optional.ofNullable(item.resource()).map(as::cast);
  }

  <R extends XdsResource> List<R> all(Class<R> as) {
    return accepted.values().stream()
        .map(Item::resource)
        .filter(as::isInstance)
        .<R>map(as::cast)
        .toList();
  }

  /** Versions that need not be sent again. */
  Map<String, String> versions() {
    Map<String, String> versions = new HashMap<>();
    accepted.forEach(
        (name, item) -> {
          if (item.resource() != null && !item.version().isEmpty()) {
            versions.put(name, item.version());
          }
        });
    return versions;
  }

  String version() {
    return version;
  }

  ClientState.TypeState state() {
    Set<String> names = new HashSet<>(accepted.keySet());
    names.removeIf(this::isAbsent);
    return new ClientState.TypeState(
        type, version, names.size(), Optional.ofNullable(takenAt), Optional.ofNullable(refused));
  }
}
