package io.selvage.xds.server;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client has of one type: versions by name. Kept as what it was given, which is shared with
 * many others, and the little in which this client differs. Not safe for use by several threads.
 */
final class Holdings {
  /** The version of a name that the client was told does not exist. */
  static final String ABSENT = "";

  private final TypeResources given;
  private final boolean all;
  private final Names names;

  /** Versions that are others than given; null: the client lacks it. */
  private final Map<String, @Nullable String> differing;

  private Holdings(
      TypeResources given, boolean all, Names names, Map<String, @Nullable String> differing) {
    this.given = given;
    this.all = all;
    this.names = names;
    this.differing = differing;
  }

  /** What a client says that it has. */
  static Holdings said(Map<String, String> versions) {
    return new Holdings(TypeResources.NONE, false, Names.NONE, new HashMap<>(versions));
  }

  /**
   * What a client has that took {@code given}: of it {@code all}, or these names; and names that
   * aren't there it was told to be absent.
   */
  static Holdings after(TypeResources given, boolean all, Names names) {
    return new Holdings(given, all, names, new HashMap<>());
  }

  /** The version of a name; null when the client lacks it. */
  @Nullable String version(String name) {
    if (differing.containsKey(name)) {
      return differing.get(name);
    }
    return asGiven(name);
  }

  private @Nullable String asGiven(String name) {
    boolean asked = names.contains(name);
    if (!all && !asked) {
      return null;
    }
    return given.get(name).map(EncodedResource::version).orElse(asked ? ABSENT : null);
  }

  /** The client is to be sent this name as if it had never had it. */
  void lacks(String name) {
    if (asGiven(name) == null) {
      differing.remove(name);
    } else {
      differing.put(name, null);
    }
  }

  /** Every name that the client has, or was told to be absent. */
  Set<String> held() {
    Set<String> held = new HashSet<>(names.all());
    if (all) {
      given.all().forEach(resource -> held.add(resource.name()));
    }
    held.addAll(differing.keySet());
    held.removeIf(name -> version(name) == null);
    return held;
  }

  boolean isEmpty() {
    return isNothing() || held().isEmpty();
  }

  /** Whether it is plain that the client has nothing; cheap. */
  boolean isNothing() {
    return differing.isEmpty() && names.all().isEmpty() && (!all || given.size() == 0);
  }

  /** The same, of these names only. */
  Holdings of(Names wanted) {
    if (!all && names.equals(wanted)) {
      return this;
    }
    Set<String> both = new HashSet<>(wanted.all());
    both.removeIf(name -> !all && !names.contains(name));
    Map<String, @Nullable String> differ = new HashMap<>(differing);
    differ.keySet().removeIf(name -> !wanted.contains(name));
    if (all) { // a name that it wasn't told of is none that it has
      both.removeIf(name -> !names.contains(name) && given.get(name).isEmpty());
    }
    return new Holdings(given, false, Names.of(both), differ);
  }

  /** What was given, when the client was given it by the same names. */
  @Nullable TypeResources given(boolean wildcard, Names wanted) {
    return all == wildcard && names.equals(wanted) ? given : null;
  }

  /** The names in which the client differs from what was given. */
  Set<String> differing() {
    return differing.keySet();
  }
}
