package io.selvage.xds.grpc;

import com.google.re2j.Pattern;
import io.selvage.policy.Matcher;
import io.selvage.policy.PathTemplate;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Matchers in gRPC's words (gRFC A41). What it has no word for, or would silently take for
 * something else, is read as {@link Reading} says: never in what lets a call through, always in
 * what stops it.
 */
final class SayableMatchers {
  private static final String FORWARDED_FOR = "x-forwarded-for";

  /** A RFC 3986 {@code pchar}, percent signs as they stand. */
  private static final String PATH_CHARACTER = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=*]";

  /** Which matchers were read so, in words. */
  private final List<String> unsaid = new ArrayList<>();

  List<Matcher> of(List<Matcher> matchers, Reading reading) {
    return matchers.stream().map(matcher -> of(matcher, reading)).toList();
  }

  /** What has no word in gRPC, of all that was asked for so far. */
  Set<String> unsaid() {
    return Set.copyOf(unsaid);
  }

  Matcher of(Matcher matcher, Reading reading) {
    return switch (matcher) {
      case Matcher.Always _,
          Matcher.Never _,
          Matcher.PeerPrincipal _,
          Matcher.SourceIp _,
          Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.Host _,
          Matcher.Method _,
          Matcher.Path _ ->
          matcher;
      case Matcher.And(List<Matcher> parts) -> new Matcher.And(of(parts, reading));
      case Matcher.Or(List<Matcher> parts) -> new Matcher.Or(of(parts, reading));
      case Matcher.Not(Matcher part) -> new Matcher.Not(of(part, reading.flipped()));
      // grpc-java refuses "authenticated" without a name
      case Matcher.PeerAuthenticated _ -> new Matcher.PeerPrincipal(new StringMatch.Any());
      case Matcher.RemoteIp(var block) -> remote(new Matcher.SourceIp(block), reading);
      case Matcher.PathTemplateMatch(PathTemplate template) ->
          new Matcher.Path(new StringMatch.Regex(Pattern.compile(regex(template, reading))));
      case Matcher.Header(String name, StringMatch match) -> header(name, match, reading);
      // no token is ever verified: a call that brings one is denied before this is asked
      case Matcher.Claim _ -> new Matcher.Never();
      case Matcher.ServerName _ -> unsaid("the server name of the TLS hello", reading);
      case Matcher.FilterMetadata(String filter, var _, var _) ->
          unsaid("metadata of " + filter, reading);
    };
  }

  private Matcher unsaid(String what, Reading reading) {
    unsaid.add(what);
    return switch (reading) {
      case NARROW -> new Matcher.Never();
      case WIDE -> new Matcher.Always();
    };
  }

  /** gRPC takes the peer for the client, whatever X-Forwarded-For says. */
  private static Matcher remote(Matcher peer, Reading reading) {
    var forwarded = new Matcher.Header(FORWARDED_FOR, new StringMatch.Any());
    return switch (reading) {
      case NARROW -> new Matcher.And(List.of(peer, new Matcher.Not(forwarded)));
      case WIDE -> new Matcher.Or(List.of(peer, forwarded));
    };
  }

  /** A41: {@code grpc-} headers and {@code :scheme} are refused, {@code te} is never there. */
  private Matcher header(String name, StringMatch match, Reading reading) {
    boolean untold = name.startsWith(":") && !name.equals(":path");
    if (untold || name.startsWith("grpc-") || name.equals("te")) {
      return unsaid("header " + name, reading);
    }
    if (name.endsWith("-bin") && !(match instanceof StringMatch.Any)) {
      unsaid.add("the bytes of header " + name);
      return switch (reading) {
        case NARROW -> new Matcher.Never();
        case WIDE -> new Matcher.Header(name, new StringMatch.Any());
      };
    }
    return new Matcher.Header(
        name,
        switch (reading) {
          case NARROW -> match;
          case WIDE -> anyOfJoined(match);
        });
  }

  /**
   * Accepts "a,b,c" when {@code match} accepts that, "a", "b" or "c": gRPC joins the values of a
   * repeated header, behind which one of them must not hide.
   */
  private static StringMatch anyOfJoined(StringMatch match) {
    return switch (match) {
      case StringMatch.Any _, StringMatch.NonEmpty _, StringMatch.Contains _ -> match;
      case StringMatch.Exact(String value, boolean ignoreCase) -> joined(value, ignoreCase, "", "");
      case StringMatch.Prefix(String value, boolean ignoreCase) ->
          joined(value, ignoreCase, "", ".*");
      case StringMatch.Suffix(String value, boolean ignoreCase) ->
          joined(value, ignoreCase, ".*", "");
      case StringMatch.Regex(Pattern pattern) -> joined("(?:" + pattern.pattern() + ")");
    };
  }

  private static StringMatch joined(String value, boolean ignoreCase, String before, String after) {
    return joined((ignoreCase ? "(?i)" : "") + before + Pattern.quote(value) + after);
  }

  private static StringMatch joined(String one) {
    return new StringMatch.Regex(Pattern.compile("(?s)(?:.*,)?(?:" + one + ")(?:,.*)?"));
  }

  private static String regex(PathTemplate template, Reading reading) {
    return template.segments().stream()
        .map(
            segment ->
                switch (segment) {
                  case PathTemplate.Segment.Literal(String text) -> Pattern.quote(text);
                  case PathTemplate.Segment.One _ ->
                      reading == Reading.WIDE ? "[^/]+" : PATH_CHARACTER + "+";
                  case PathTemplate.Segment.Rest _ ->
                      reading == Reading.WIDE ? ".*" : "(?:/|" + PATH_CHARACTER + ")*";
                })
        .collect(Collectors.joining("/", "(?s)/", ""));
  }
}
