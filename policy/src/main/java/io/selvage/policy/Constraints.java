package io.selvage.policy;

import com.google.re2j.Pattern;
import io.selvage.policy.PathTemplate.Segment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Necessary conditions of a matcher, one dimension at a time: it can hold only if the attribute is
 * as one of the keys says. A dimension that isn't mentioned is not constrained. Conditions may be
 * wider than the matcher, never narrower: what an index finds by them is tested again.
 */
final class Constraints {
  private static final int MAX_PORT_RANGE = 16;

  private Constraints() {}

  /** The conditions of {@code matcher}, or null when it can never hold. */
  static @Nullable Map<Dimension, Set<IndexKey>> of(Matcher matcher) {
    return of(matcher, false);
  }

  private static @Nullable Map<Dimension, Set<IndexKey>> of(Matcher matcher, boolean negated) {
    return switch (matcher) {
      case Matcher.Always _ -> negated ? null : Map.of();
      case Matcher.Never _ -> negated ? Map.of() : null;
      case Matcher.And(var parts) -> negated ? any(parts, true) : all(parts, false);
      case Matcher.Or(var parts) -> negated ? all(parts, true) : any(parts, false);
      case Matcher.Not(var part) -> of(part, !negated);
      case Matcher.PeerPrincipal _,
          Matcher.PeerAuthenticated _,
          Matcher.SourceIp _,
          Matcher.RemoteIp _,
          Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.ServerName _,
          Matcher.Host _,
          Matcher.Method _,
          Matcher.Path _,
          Matcher.PathTemplateMatch _,
          Matcher.Header _,
          Matcher.Claim _,
          Matcher.FilterMetadata _ ->
          negated ? Map.of() : leaf(matcher);
    };
  }

  private static @Nullable Map<Dimension, Set<IndexKey>> all(List<Matcher> parts, boolean negated) {
    Map<Dimension, Set<IndexKey>> all = Map.of();
    for (Matcher part : parts) {
      Map<Dimension, Set<IndexKey>> one = of(part, negated);
      if (one == null) {
        return null;
      }
      if (all.isEmpty()) {
        all = one;
      } else if (!one.isEmpty()) {
        all = new HashMap<>(all);
        for (var entry : one.entrySet()) {
          all.merge(entry.getKey(), entry.getValue(), (a, b) -> a.size() <= b.size() ? a : b);
        }
      }
    }
    return all;
  }

  private static @Nullable Map<Dimension, Set<IndexKey>> any(List<Matcher> parts, boolean negated) {
    Map<Dimension, Set<IndexKey>> any = null;
    for (Matcher part : parts) {
      Map<Dimension, Set<IndexKey>> one = of(part, negated);
      if (one == null) {
        continue;
      }
      if (any == null) {
        any = new HashMap<>();
        for (var entry : one.entrySet()) {
          any.put(entry.getKey(), new HashSet<>(entry.getValue()));
        }
        continue;
      }
      any.keySet().retainAll(one.keySet());
      for (var entry : any.entrySet()) {
        entry.getValue().addAll(one.getOrDefault(entry.getKey(), Set.of()));
      }
    }
    return any;
  }

  private static Map<Dimension, Set<IndexKey>> leaf(Matcher matcher) {
    return switch (matcher) {
      case Matcher.PeerPrincipal(var match) -> text(new Dimension.Principal(), match);
      case Matcher.SourceIp(var block) ->
          Map.of(new Dimension.SourceAddress(), Set.of(new IndexKey.Block(block)));
      case Matcher.DestinationIp(var block) ->
          Map.of(new Dimension.DestinationAddress(), Set.of(new IndexKey.Block(block)));
      case Matcher.DestinationPort(int first, int last) -> ports(first, last);
      case Matcher.ServerName(var match) -> text(new Dimension.ServerName(), match);
      case Matcher.Host(var match) -> text(new Dimension.Host(), match);
      case Matcher.Method(var match) -> text(new Dimension.Method(), match);
      case Matcher.Path(var match) -> path(match);
      case Matcher.PathTemplateMatch(var template) -> template(template);
      case Matcher.Header untold when untold.isUntold() -> Map.of();
      case Matcher.Header(var name, var match) -> text(new Dimension.Header(name), match);
      case Matcher.RemoteIp(var block) ->
          Map.of(new Dimension.RemoteAddress(), Set.of(new IndexKey.Block(block)));
      case Matcher.Claim(var path, var match) ->
          match instanceof StringMatch.Exact(String value, boolean fold) && !fold
              ? Map.of(new Dimension.Claim(path), Set.of(new IndexKey.Whole(value, false)))
              : Map.of();
      case Matcher.Always _,
          Matcher.Never _,
          Matcher.And _,
          Matcher.Or _,
          Matcher.Not _,
          Matcher.PeerAuthenticated _,
          Matcher.FilterMetadata _ ->
          Map.of();
    };
  }

  private static Map<Dimension, Set<IndexKey>> ports(int first, int last) {
    if (last - first >= MAX_PORT_RANGE) {
      return Map.of();
    }
    Set<IndexKey> keys = new HashSet<>();
    for (int port = first; port <= last; port++) {
      keys.add(new IndexKey.PortNumber(port));
    }
    return Map.of(new Dimension.Port(), keys);
  }

  private static Map<Dimension, Set<IndexKey>> text(Dimension dimension, StringMatch match) {
    IndexKey key = key(match);
    boolean ofIdentity = key instanceof IndexKey.Namespace || key instanceof IndexKey.Account;
    return key == null || (ofIdentity && !(dimension instanceof Dimension.Principal))
        ? Map.of()
        : Map.of(dimension, Set.of(key));
  }

  private static @Nullable IndexKey key(StringMatch match) {
    return switch (match) {
      case StringMatch.Any _, StringMatch.NonEmpty _, StringMatch.Contains _ -> null;
      case StringMatch.Exact(String value, boolean fold) ->
          new IndexKey.Whole(wire(value, fold), fold);
      case StringMatch.Prefix(String value, boolean fold) ->
          value.isEmpty() ? null : new IndexKey.Start(wire(value, fold), fold);
      case StringMatch.Suffix(String value, boolean fold) ->
          value.isEmpty() ? null : new IndexKey.End(wire(value, fold), fold);
      case StringMatch.Regex(Pattern pattern) -> key(IdentityPattern.of(pattern));
    };
  }

  private static @Nullable IndexKey key(@Nullable IdentityPattern pattern) {
    return switch (pattern) {
      case IdentityPattern.Namespace ns -> new IndexKey.Namespace(wire(ns.name()));
      case IdentityPattern.ServiceAccount sa ->
          new IndexKey.Account(wire(sa.namespace()), wire(sa.account()));
      case IdentityPattern.Ends ends -> new IndexKey.End(wire(ends.end()), false);
      case IdentityPattern.Something _ -> null;
      case null -> null;
    };
  }

  private static Map<Dimension, Set<IndexKey>> path(StringMatch match) {
    IndexKey key = key(match);
    if (key == null) {
      return Map.of();
    }
    Map<Dimension, Set<IndexKey>> all = new HashMap<>();
    all.put(new Dimension.Path(), Set.of(key));
    switch (key) {
      case IndexKey.Whole(String text, boolean fold) -> {
        all.put(new Dimension.PathTail(), Set.of(key));
        segments(all, text, fold, true);
      }
      case IndexKey.Start(String text, boolean fold) -> segments(all, text, fold, false);
      case IndexKey.End _ -> all.put(new Dimension.PathTail(), Set.of(key));
      case IndexKey.Namespace _, IndexKey.Account _, IndexKey.Block _, IndexKey.PortNumber _ -> {
        return Map.of();
      }
    }
    return all;
  }

  private static void segments(
      Map<Dimension, Set<IndexKey>> all, String path, boolean fold, boolean whole) {
    if (!path.startsWith("/")) {
      return;
    }
    String[] segments = path.substring(1).split("/", -1);
    int complete = whole ? segments.length : segments.length - 1;
    for (int i = 0; i < complete && i < Dimension.PathSegment.COUNT; i++) {
      all.put(new Dimension.PathSegment(i), Set.of(new IndexKey.Whole(segments[i], fold)));
    }
  }

  private static Map<Dimension, Set<IndexKey>> template(PathTemplate template) {
    List<Segment> segments = template.segments();
    if (segments.stream().allMatch(Constraints::isLiteral)) {
      return path(new StringMatch.Exact(template.text(), false));
    }
    Map<Dimension, Set<IndexKey>> all = new HashMap<>();
    StringBuilder start = new StringBuilder("/");
    for (int i = 0; isLiteral(segments.get(i)); i++) {
      start.append(text(segments.get(i))).append('/');
    }
    all.put(new Dimension.Path(), Set.of(new IndexKey.Start(start.toString(), false)));
    StringBuilder end = new StringBuilder();
    for (int i = segments.size() - 1; isLiteral(segments.get(i)); i--) {
      end.insert(0, "/" + text(segments.get(i)));
    }
    if (!end.isEmpty()) {
      all.put(new Dimension.PathTail(), Set.of(new IndexKey.End(end.toString(), false)));
    }
    for (int i = 0; i < Dimension.PathSegment.COUNT && i < segments.size(); i++) {
      if (segments.get(i) instanceof Segment.Rest) {
        break;
      }
      if (isLiteral(segments.get(i))) {
        all.put(
            new Dimension.PathSegment(i), Set.of(new IndexKey.Whole(text(segments.get(i)), false)));
      }
    }
    return all;
  }

  private static boolean isLiteral(Segment segment) {
    return segment instanceof Segment.Literal;
  }

  private static String text(Segment segment) {
    return segment instanceof Segment.Literal(String text) ? text : "";
  }

  private static String wire(String text, boolean fold) {
    return wire(fold ? StringTest.folded(text) : StringTest.bytes(text));
  }

  private static String wire(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
