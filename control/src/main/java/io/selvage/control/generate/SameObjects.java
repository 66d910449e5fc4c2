package io.selvage.control.generate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list that is told apart by its elements as objects: where equal elements are one object, that
 * is equality, and costs nothing that grows with what is in them.
 */
record SameObjects<T>(List<T> list) {
  @SuppressWarnings("ReferenceEquality")
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof SameObjects<?> that) || list.size() != that.list.size()) {
      return false;
    }
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) != that.list.get(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (T one : list) {
      hash = 31 * hash + System.identityHashCode(one);
    }
    return hash;
  }
}
