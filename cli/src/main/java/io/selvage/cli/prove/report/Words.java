package io.selvage.cli.prove.report;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.Place;
import io.selvage.prove.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The words that all forms of an answer share. */
final class Words {
  private static final int KNOWN_SHOWN = 4;
  private static final int WORKLOADS = 6;

  private Words() {}

  /** {@code 1 change}, {@code 2 changes}. */
  static String counted(long count, String what) {
    if (count == 1) {
      return "1 " + what;
    }
    return what.endsWith("y")
        ? "%d %sies".formatted(count, what.substring(0, what.length() - 1))
        : "%d %ss".formatted(count, what);
  }

  /** An identity as policies write it, without {@code spiffe://}. */
  static String principal(String uri) {
    return uri.startsWith("spiffe://") ? uri.substring("spiffe://".length()) : uri;
  }

  /** {@code namespace/account} of an Istio identity; others whole. */
  static String account(String uri) {
    String[] parts = principal(uri).split("/", -1);
    return parts.length == 5 && parts[1].equals("ns") && parts[3].equals("sa")
        ? parts[2] + "/" + parts[4]
        : principal(uri);
  }

  /** The caller of a request. */
  static String caller(Optional<String> uri) {
    return uri.map(Words::principal).orElse("no client certificate (plaintext)");
  }

  /** {@code :8080 HTTP} or {@code other ports TCP}. */
  static String port(Place place) {
    return (place.other() ? "other ports" : ":" + place.number()) + " " + place.protocol();
  }

  /**
   * What the places of one workload have in common: {@code :8080 HTTP, other ports HTTP and TCP}.
   */
  static String ports(List<Place> places) {
    List<String> texts = new ArrayList<>();
    for (Place place : places) {
      String port = place.other() ? "other ports" : ":" + place.number();
      String last = texts.isEmpty() ? "" : texts.getLast();
      if (place.protocol() == Protocol.TCP && last.equals(port + " HTTP")) {
        texts.set(texts.size() - 1, port + " HTTP and TCP");
      } else {
        texts.add(port + " " + place.protocol());
      }
    }
    return String.join(", ", texts);
  }

  /** The places by workload: {@code a/b :80 HTTP; a/c :80 HTTP; and 3 more}. */
  static String places(List<Place> places) {
    return String.join("; ", byWorkload(places, WORKLOADS));
  }

  /** The places of each workload; beyond so many workloads their number. */
  static List<String> byWorkload(List<Place> places, int most) {
    Map<String, List<Place>> workloads = new LinkedHashMap<>();
    places.forEach(
        place ->
            workloads
                .computeIfAbsent(place.workload().qualifiedName(), _ -> new ArrayList<>())
                .add(place));
    List<String> texts = new ArrayList<>();
    workloads.entrySet().stream()
        .limit(most)
        .forEach(entry -> texts.add(entry.getKey() + " " + ports(entry.getValue())));
    if (workloads.size() > most) {
      texts.add("and %d more".formatted(workloads.size() - most));
    }
    return texts;
  }

  /** The known callers of a row: {@code batch/nightly, batch/replay and 3 more}. */
  static String known(Row row) {
    int more = row.known().size() - KNOWN_SHOWN;
    String some =
        row.known().stream()
            .limit(more == 1 ? KNOWN_SHOWN + 1 : KNOWN_SHOWN)
            .map(Words::account)
            .collect(Collectors.joining(", "));
    return more > 1 ? some + " and " + more + " more" : some;
  }

  /** Who a row is about, with those of them that are known. */
  static String from(Row row) {
    return row.known().isEmpty() || (row.known().size() == 1 && !row.unknown())
        ? row.from()
        : "%s (%d known: %s)".formatted(row.from(), row.known().size(), known(row));
  }

  /** The conditions of a row; {@code any request} without one. */
  static String when(Row row) {
    return row.when().isEmpty()
        ? "any request"
        : row.when().stream().map(Row.Term::toString).collect(Collectors.joining(" and "));
  }

  /** The conditions of a row in as few letters as they need: {@code GET /items/*}. */
  static String brief(Row row) {
    return row.when().isEmpty()
        ? "any request"
        : row.when().stream().map(Words::brief).collect(Collectors.joining(" "));
  }

  private static String brief(Row.Term term) {
    boolean plain = term.field().equals("method") || term.field().equals("path");
    String text =
        term.text()
            .replaceAll("starts with (\\S+)", "$1*")
            .replaceAll("(^|or )= ", "$1")
            .replaceAll("(^|or )is like ", "$1");
    return plain ? text : term.field() + " " + text;
  }
}
