package io.selvage.policy;

/**
 * Makes {@link Predicate}s of matchers, and hands out the slots in which answers are remembered.
 */
final class PredicateCompiler {
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
      case Matcher.Or(var parts) -> Predicate.any(parts, part -> compile(part, reading));
      case Matcher.Not(var part) -> Predicate.not(compile(part, reading.flipped()));
      case Matcher.PeerPrincipal(var match) -> connection(principal(StringTest.of(match)));
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
      case Matcher.ServerName(var match) ->
          connection(ConnectionPredicate.serverName(StringTest.of(match)));
      case Matcher.RemoteIp(var block) -> request(new RequestPredicate.RemoteIp(block));
      case Matcher.Host(var match) ->
          request(new RequestPredicate.Host(StringTest.of(match), reading == Reading.NARROW));
      case Matcher.Method(var match) -> request(new RequestPredicate.Method(StringTest.of(match)));
      case Matcher.Path(var match) -> request(new RequestPredicate.Path(StringTest.of(match)));
      case Matcher.PathTemplateMatch(var template) ->
          request(new RequestPredicate.Template(template, reading));
      case Matcher.Header(var name, var match) ->
          request(new RequestPredicate.Header(name, StringTest.of(match), reading));
      case Matcher.Claim(var path, var match) ->
          request(
              new RequestPredicate.Claim(
                  path,
                  match,
                  match instanceof StringMatch.Exact exact && !exact.ignoreCase()
                      ? exact.value()
                      : null));
      case Matcher.FilterMetadata _ ->
          reading == Reading.WIDE ? Predicate.Constant.ALWAYS : Predicate.Constant.NEVER;
    };
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
