package io.selvage.doctor.evidence;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The objects of a cluster, by kind. */
public final class Objects {
  private final Map<Kind, Look<List<ApiObject>>> byKind;
  private final Map<Class<?>, Once> derived = new ConcurrentHashMap<>();

  public Objects(Map<Kind, Look<List<ApiObject>>> byKind) {
    this.byKind = new EnumMap<>(Kind.class);
    this.byKind.putAll(byKind);
  }

  /** All of a kind; unseen when it was not read. */
  public Look<List<ApiObject>> look(Kind kind) {
    return byKind.getOrDefault(kind, Look.unseen(kind.plural() + " were not read"));
  }

  /** All of a kind; none also when they could not be seen. */
  public List<ApiObject> all(Kind kind) {
    return look(kind).found().orElse(List.of());
  }

  /** One by name; empty also when it could not be seen. */
  public Optional<ApiObject> find(Kind kind, String namespace, String name) {
    return all(kind).stream()
        .filter(one -> one.namespace().equals(namespace) && one.name().equals(name))
        .findFirst();
  }

  /**
   * Something that is made of these objects, once for all who ask.
   *
   * @param make always the same of the same objects
   */
  public <T> T derived(Class<T> kind, Function<Objects, T> make) {
    return kind.cast(derived.computeIfAbsent(kind, _ -> new Once()).of(() -> make.apply(this)));
  }

  /** Made by the first who asks; what is made of it in turn may be made meanwhile. */
  private static final class Once {
    private @Nullable Object value;

    synchronized Object of(Supplier<?> make) {
      Object known = value;
      if (known == null) {
        known = make.get();
        value = known;
      }
      return known;
    }
  }
}
