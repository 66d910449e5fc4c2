package io.selvage.xds.server;

import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Names that a client asked for; immutable. Most proxies of a mesh ask for the same thousands of
 * names, so equal ones are one object.
 */
final class Names {
  /** No name. */
  static final Names NONE = of(Set.of());

  private final Set<String> names;
  private final int hash;

  /** What is in use, each as itself. */
  private static final class Known {
    private static final WeakHashMap<Names, WeakReference<Names>> ALL = new WeakHashMap<>();

    static synchronized Names like(Names fresh) {
      WeakReference<Names> reference = ALL.get(fresh);
      Names known = reference == null ? null : reference.get();
      if (known == null) {
        ALL.put(fresh, new WeakReference<>(fresh));
        return fresh;
      }
      return known;
    }
  }

  private Names(Set<String> names) {
    this.names = names;
    this.hash = names.hashCode();
  }

  /** These names. */
  static Names of(Collection<String> names) {
    return Known.like(new Names(new HashSet<>(names)));
  }

  boolean contains(String name) {
    return names.contains(name);
  }

  /** All of them, in no order. */
  Set<String> all() {
    return names;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Names that && hash == that.hash && names.equals(that.names);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
