package io.selvage.prove;

import java.util.Comparator;

/** In which order answers are given: always the same for the same input. */
final class Orders {
  static final Comparator<Place> PLACES =
      Comparator.comparing((Place place) -> place.workload().qualifiedName())
          .thenComparing(Place::other)
          .thenComparingInt(Place::number)
          .thenComparing(Place::protocol);

  static final Comparator<Change> CHANGES =
      Comparator.comparing(Change::direction).thenComparing(Change::place, PLACES);

  private Orders() {}
}
