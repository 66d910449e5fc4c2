package io.selvage.cli.mesh;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tells what each new state of a cluster's configuration changed, what was refused and what is good
 * again.
 */
final class ConfigurationReport {

  private static final int LISTED = 12;

  private final String prefix;
  private final MeshEvent.Listener events;
  private MeshSnapshot last = MeshSnapshot.EMPTY;
  private boolean begun;

  /**
   * @param prefix what every line begins with: the cluster, when there are several
   */
  ConfigurationReport(String prefix, MeshEvent.Listener events) {
    this.prefix = prefix;
    this.events = events;
  }

  /**
   * The next state; of the first only the problems are told.
   *
   * @return whether it differs in what is in force
   */
  synchronized boolean taken(MeshSnapshot next) {
    List<String> changes = begun ? changes(last, next) : List.of();
    for (int i = 0; i < changes.size(); i++) {
      String start = prefix + "configuration " + next.generation() + ": ";
      String more = i == LISTED - 1 ? " and %d more".formatted(changes.size() - LISTED) : "";
      if (i < LISTED) {
        events.note(start + changes.get(i) + (changes.size() > LISTED ? more : ""));
      }
    }
    problems(next);
    last = next;
    begun = true;
    return !changes.isEmpty();
  }

  private void problems(MeshSnapshot next) {
    var before = shown(last);
    var now = shown(next);
    now.forEach(
        (text, problem) -> {
          if (!before.containsKey(text)) {
            String line = prefix + text;
            if (problem.isError()) {
              events.bad(begun ? line + "\nwhat was there before stays in force" : line);
            } else {
              events.warning(line);
            }
          }
        });
    before.values().stream()
        .filter(Problem::isError)
        .map(problem -> problem.at().source())
        .distinct()
        .filter(file -> now.values().stream().noneMatch(p -> p.at().source().equals(file)))
        .forEach(file -> events.good(prefix + file + " is good again"));
  }

  private static Map<String, Problem> shown(MeshSnapshot snapshot) {
    return snapshot.problems().stream()
        .filter(problem -> problem.severity() != Problem.Severity.NOTICE)
        .collect(
            Collectors.toMap(
                problem -> problem.code() + " " + problem.render(),
                problem -> problem,
                (first, _) -> first,
                LinkedHashMap::new));
  }

  /** One line for each resource that came ({@code +}), changed ({@code ~}) or went ({@code -}). */
  static List<String> changes(MeshSnapshot before, MeshSnapshot after) {
    var old = byName(before);
    var fresh = byName(after);
    var changes = new ArrayList<String>();
    fresh.forEach(
        (name, resource) -> {
          Resource was = old.get(name);
          if (was == null) {
            changes.add("+ " + name + " (" + resource.meta().at() + ")");
          } else if (!content(was).equals(content(resource))) {
            changes.add("~ " + name + " (" + resource.meta().at() + ")");
          }
        });
    old.keySet().stream()
        .filter(name -> !fresh.containsKey(name))
        .forEach(name -> changes.add("- " + name));
    return changes;
  }

  private static Map<String, Resource> byName(MeshSnapshot snapshot) {
    var named = new LinkedHashMap<String, Resource>();
    snapshot.resources().forEach(r -> named.put(r.kind() + " " + r.meta().qualifiedName(), r));
    return named;
  }

  /** A resource without its places: one that only moved within its file is the same. */
  private static String content(Resource resource) {
    String file = Pattern.quote(resource.meta().at().source());
    return resource.toString().replaceAll(file + "(:\\d+)?", Matcher.quoteReplacement("@"));
  }
}
