package io.selvage.it.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Every trial of this run, for the report. */
final class Results {
  private static final ConcurrentLinkedQueue<Trial> ALL = new ConcurrentLinkedQueue<>();

  private Results() {}

  static void add(List<Trial> trials) {
    ALL.addAll(trials);
  }

  static List<Trial> all() {
    return new ArrayList<>(ALL);
  }
}
