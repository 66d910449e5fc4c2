package io.selvage.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes {@link Predicate}s of matchers, and hands out the slots in which answers are remembered.
 */
final class PredicateCompiler {
  /** With fewer values, testing one after the other is as fast. */
  static final int MANY = 8;

  private int slots;

  /** How many answers a subject must be able to remember. */
  int slots() {
    return slots;
  }

  /** The predicate that holds exactly when {@code matcher} does under {@code reading}. */
  Predicate compile(Matcher matcher, Reading reading) {
    return switch (matcher) {
      case Matcher.Always _ -> Predicate.Constant.ALWAYS;
      case Matcher.Never _ -> Predicate.Constant.NEVER;
      case Matcher.And(var parts) -> Predicate.all(parts, part -> compile(part, reading));
      case Matcher.Or(var parts) when parts.size() < MANY ->
          Predicate.any(parts, part -> compile(part, reading));
      case Matcher.Or(var parts) -> many(parts, reading);
      case Matcher.Not(var part) -> Predicate.not(compile(part, reading.flipped()));
      case Matcher.PeerPrincipal(var match) -> onText(matcher, StringTest.of(match), reading);
      case Matcher.PeerAuthenticated _ -> connection(subject -> subject.principal != null);
      case Matcher.SourceIp(var block) ->
          connection(subject -> block.contains(subject.facts.sourceAddress()));
      case Matcher.DestinationIp(var block) ->
          connection(subject -> block.contains(subject.facts.destinationAddress()));
      case Matcher.DestinationPort(int first, int last) ->
          connection(
              subject ->
                  first <= subject.facts.destinationPort()
                      && subject.facts.destinationPort() <= last);
      case Matcher.ServerName(var match) -> onText(matcher, StringTest.of(match), reading);
      case Matcher.RemoteIp(var block) -> request(new RequestPredicate.RemoteIp(block));
      case Matcher.Host(var match) -> onText(matcher, StringTest.of(match), reading);
      case Matcher.Method(var match) -> onText(matcher, StringTest.of(match), reading);
      case Matcher.Path(var match) -> onText(matcher, StringTest.of(match), reading);
      case Matcher.PathTemplateMatch(var template) ->
          request(new RequestPredicate.Template(template, reading));
      case Matcher.Header untold when untold.isUntold() ->
          reading == Reading.WIDE
              ? request(new RequestPredicate.AnyRequest())
              : Predicate.Constant.NEVER;
      case Matcher.Header(_, var match) -> onText(matcher, StringTest.of(match), reading);
      case Matcher.Claim(var path, var match) ->
          request(
              match instanceof StringMatch.Exact(String value, boolean fold) && !fold
                  ? new RequestPredicate.Claim(path, Set.of(value), null)
                  : new RequestPredicate.Claim(path, Set.of(), match));
      case Matcher.FilterMetadata _ ->
          reading == Reading.WIDE ? Predicate.Constant.ALWAYS : Predicate.Constant.NEVER;
    };
  }

  /** The test on the attribute that {@code like} looks at. */
  private Predicate onText(Matcher like, StringTest test, Reading reading) {
    return switch (like) {
      case Matcher.PeerPrincipal _ -> connection(principal(test));
      case Matcher.ServerName _ -> connection(ConnectionPredicate.serverName(test));
      case Matcher.Host _ -> request(new RequestPredicate.Host(test, reading == Reading.NARROW));
      case Matcher.Method _ -> request(new RequestPredicate.Method(test));
      case Matcher.Path _ -> request(new RequestPredicate.Path(test));
      case Matcher.Header(var name, _) -> request(new RequestPredicate.Header(name, test, reading));
      case Matcher.Always _,
          Matcher.Never _,
          Matcher.And _,
          Matcher.Or _,
          Matcher.Not _,
          Matcher.PeerAuthenticated _,
          Matcher.SourceIp _,
          Matcher.RemoteIp _,
          Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.PathTemplateMatch _,
          Matcher.Claim _,
          Matcher.FilterMetadata _ ->
          throw new IllegalArgumentException("looks at no text: " + like);
    };
  }

  /**
   * A disjunction of many values: those of one attribute are tested at once. Each reading of a text
   * distributes over "or", so the set means what its values mean one by one.
   */
  private Predicate many(List<Matcher> parts, Reading reading) {
    ManyValues values = ManyValues.of(parts);
    List<Predicate> all = new ArrayList<>();
    values
        .texts()
        .forEach(
            (attribute, matches) ->
                all.add(
                    onText(
                        attribute.like(), TextSet.of(matches, attribute.ignoreCase()), reading)));
    values
        .claims()
        .forEach((path, exact) -> all.add(request(new RequestPredicate.Claim(path, exact, null))));
    if (!values.sources().isEmpty()) {
      AddressSet sources = new AddressSet(values.sources());
      all.add(connection(subject -> sources.contains(subject.facts.sourceAddress())));
    }
    if (!values.remotes().isEmpty()) {
      all.add(request(new RequestPredicate.RemoteIps(new AddressSet(values.remotes()))));
    }
    values.others().forEach(other -> all.add(compile(other, reading)));
    return Predicate.any(all, predicate -> predicate);
  }

  private ConnectionPredicate principal(StringTest test) {
    return test instanceof StringTest.Regex
        ? ConnectionPredicate.rememberedPrincipal(test, slots++)
        : ConnectionPredicate.principal(test);
  }

  private static Predicate connection(ConnectionPredicate predicate) {
    return new Predicate.OfConnection(predicate);
  }

  private static Predicate request(RequestPredicate predicate) {
    return new Predicate.OfRequest(predicate);
  }
}
