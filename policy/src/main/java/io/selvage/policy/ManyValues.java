package io.selvage.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a long disjunction by what they look at.
 *
 * @param texts whole texts, beginnings and ends, by attribute
 * @param claims whole texts, by claim
 * @param sources blocks of the peer's address
 * @param remotes blocks of the client's address
 * @param others everything else
 */
record ManyValues(
    Map<Attribute, List<StringMatch>> texts,
    Map<List<String>, Set<String>> claims,
    List<Cidr> sources,
    List<Cidr> remotes,
    List<Matcher> others) {

  /**
   * What a matcher looks at, and how.
   *
   * @param like the first matcher on it; stands for all
   * @param name of the header; empty for other attributes
   */
  record Attribute(Matcher like, String name, boolean ignoreCase) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Attribute(Matcher its, String itsName, boolean itsCase)
          && like.getClass().equals(its.getClass())
          && name.equals(itsName)
          && ignoreCase == itsCase;
    }

    @Override
    public int hashCode() {
      return like.getClass().hashCode() * 31 + name.hashCode() * 2 + (ignoreCase ? 1 : 0);
    }
  }

  static ManyValues of(List<Matcher> parts) {
    ManyValues values =
        new ManyValues(
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    parts.forEach(values::add);
    return values;
  }

  private void add(Matcher part) {
    switch (part) {
      case Matcher.PeerPrincipal(var match) -> text(part, "", match);
      case Matcher.ServerName(var match) -> text(part, "", match);
      case Matcher.Host(var match) -> text(part, "", match);
      case Matcher.Method(var match) -> text(part, "", match);
      case Matcher.Path(var match) -> text(part, "", match);
      case Matcher.Header header when header.isUntold() -> others.add(part);
      case Matcher.Header(var name, var match) -> text(part, name, match);
      case Matcher.Claim(var path, StringMatch.Exact(String value, boolean fold)) when !fold ->
          claims.computeIfAbsent(path, _ -> new HashSet<>()).add(value);
      case Matcher.SourceIp(var block) -> sources.add(block);
      case Matcher.RemoteIp(var block) -> remotes.add(block);
      case Matcher.Claim _,
          Matcher.Always _,
          Matcher.Never _,
          Matcher.And _,
          Matcher.Or _,
          Matcher.Not _,
          Matcher.PeerAuthenticated _,
          Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.PathTemplateMatch _,
          Matcher.FilterMetadata _ ->
          others.add(part);
    }
  }

  private void text(Matcher part, String name, StringMatch match) {
    Boolean ignoreCase = TextSet.takes(match);
    if (ignoreCase == null) {
      others.add(part);
    } else {
      texts
          .computeIfAbsent(new Attribute(part, name, ignoreCase), _ -> new ArrayList<>())
          .add(match);
    }
  }
}
