package io.selvage.policy;

import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.Decision.Verdict;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.RbacPolicy.RuleSet;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The meaning of an {@link Authorization}, in code: slow and obvious. Every other evaluator is
 * tested against this one.
 */
public final class ReferenceEvaluator {
  /**
   * A decision and what is to be recorded beside it.
   *
   * @param decision what is to be done
   * @param notes dry-run and AUDIT matches of the stages that ran, in their order
   */
  public record Outcome(Decision decision, List<Note> notes) {}

  private final ConnectionFacts facts;
  private final @Nullable RequestView request;

  private ReferenceEvaluator(ConnectionFacts facts, @Nullable RequestView request) {
    this.facts = facts;
    this.request = request;
  }

  /**
   * Decides on one request, or on a plain TCP connection.
   *
   * @param request null on plain TCP
   */
  public static Outcome decide(
      Authorization authorization, ConnectionFacts facts, @Nullable RequestView request) {
    return decideFrom(authorization, 0, facts, request);
  }

  /** Goes on with {@code stage} after the authorizer asked by the one before has agreed. */
  public static Outcome decideFrom(
      Authorization authorization,
      int stage,
      ConnectionFacts facts,
      @Nullable RequestView request) {
    return new ReferenceEvaluator(facts, request).run(authorization, stage);
  }

  /** Whether one matcher holds; for explanations. */
  static boolean holds(
      Matcher matcher, Reading reading, ConnectionFacts facts, @Nullable RequestView request) {
    return new ReferenceEvaluator(facts, request).holds(matcher, reading);
  }

  private Outcome run(Authorization authorization, int firstStage) {
    List<Note> notes = new ArrayList<>();
    Optional<String> allowedBy = Optional.empty();
    for (int i = firstStage; i < authorization.stages().size(); i++) {
      Decision decision =
          switch (authorization.stages().get(i)) {
            case Stage.Custom custom -> custom(i, custom);
            case Stage.Rbac rbac -> rbac(i, rbac, notes);
          };
      if (decision.verdict() != Verdict.ALLOW) {
        return new Outcome(decision, notes);
      }
      if (decision.ruleId().isPresent()) {
        allowedBy = decision.ruleId();
      }
    }
    return new Outcome(Decision.allow(allowedBy), notes);
  }

  private Decision custom(int stage, Stage.Custom custom) {
    Optional<String> match = firstMatch(custom.rules(), Reading.WIDE);
    if (match.isEmpty()) {
      return Decision.ALLOWED;
    }
    return custom.unusable()
        ? Decision.deny(match)
        : Decision.ask(match.get(), custom.provider(), stage + 1);
  }

  private Decision rbac(int stage, Stage.Rbac rbac, List<Note> notes) {
    if (rbac.shadow().isPresent()) {
      RuleSet shadow = rbac.shadow().get();
      Optional<String> match = firstMatch(shadow, Reading.of(shadow.action()));
      if (match.isPresent() || shadow.action() == Action.ALLOW) {
        notes.add(new Note(stage, true, shadow.action(), match));
      }
    }
    if (rbac.enforced().isEmpty()) {
      return Decision.ALLOWED;
    }
    RuleSet enforced = rbac.enforced().get();
    Optional<String> match = firstMatch(enforced, Reading.of(enforced.action()));
    return switch (enforced.action()) {
      case ALLOW -> match.isPresent() ? Decision.allow(match) : Decision.DENIED_BY_DEFAULT;
      case DENY -> match.isPresent() ? Decision.deny(match) : Decision.ALLOWED;
      case LOG -> {
        match.ifPresent(id -> notes.add(new Note(stage, false, Action.LOG, Optional.of(id))));
        yield Decision.ALLOWED;
      }
    };
  }

  private Optional<String> firstMatch(RuleSet rules, Reading reading) {
    return rules.rules().stream()
        .filter(rule -> any(rule.permissions(), reading) && any(rule.principals(), reading))
        .map(RbacPolicy::id)
        .findFirst();
  }

  private boolean any(List<Matcher> matchers, Reading reading) {
    return matchers.stream().anyMatch(matcher -> holds(matcher, reading));
  }

  private boolean holds(Matcher matcher, Reading reading) {
    return switch (matcher) {
      case Matcher.Always _ -> true;
      case Matcher.Never _ -> false;
      case Matcher.And(var parts) -> parts.stream().allMatch(part -> holds(part, reading));
      case Matcher.Or(var parts) -> any(parts, reading);
      case Matcher.Not(var part) -> !holds(part, reading.flipped());
      case Matcher.PeerPrincipal(var match) ->
          facts.peerPrincipal().filter(match::matches).isPresent();
      case Matcher.PeerAuthenticated _ -> facts.peerPrincipal().isPresent();
      case Matcher.SourceIp(var block) -> block.contains(facts.sourceAddress());
      case Matcher.RemoteIp(var block) -> block.contains(remoteAddress());
      case Matcher.DestinationIp(var block) -> block.contains(facts.destinationAddress());
      case Matcher.DestinationPort(int first, int last) ->
          first <= facts.destinationPort() && facts.destinationPort() <= last;
      case Matcher.ServerName(var match) -> facts.serverName().filter(match::matches).isPresent();
      case Matcher.Host(var match) ->
          request != null
              && (request.authority().length() > 0 || reading == Reading.WIDE)
              && match.matches(bytes(request.authority()));
      case Matcher.Method(var match) -> request != null && match.matches(bytes(request.method()));
      case Matcher.Path(var match) -> request != null && match.matches(bytes(request.path()));
      case Matcher.PathTemplateMatch(var template) ->
          request != null && template.matches(request.path(), reading);
      case Matcher.Header untold when untold.isUntold() ->
          request != null && reading == Reading.WIDE;
      case Matcher.Header(var name, var match) -> header(name, match, reading);
      case Matcher.Claim(var path, var match) -> claim(path, match);
      case Matcher.FilterMetadata _ -> reading == Reading.WIDE;
    };
  }

  private InetAddress remoteAddress() {
    InetAddress told = request == null ? null : request.remoteAddress();
    return told == null ? facts.sourceAddress() : told;
  }

  private boolean header(String name, StringMatch match, Reading reading) {
    List<byte[]> values = new ArrayList<>();
    if (request != null) {
      ByteSlice value = request.header(name, 0);
      for (int i = 1; value != null; i++) {
        values.add(bytes(value));
        value = request.header(name, i);
      }
    }
    if (values.isEmpty()) {
      return false;
    }
    return match.matches(joined(values))
        || (reading == Reading.WIDE && values.stream().anyMatch(match::matches));
  }

  private static byte[] joined(List<byte[]> values) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        joined.write(',');
      }
      joined.writeBytes(values.get(i));
    }
    return joined.toByteArray();
  }

  private boolean claim(List<String> path, StringMatch match) {
    Object value = request == null ? null : request.claims();
    for (String name : path) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return switch (value) {
      case String text -> match.matches(text);
      case List<?> list ->
          list.stream().anyMatch(each -> each instanceof String text && match.matches(text));
      case null, default -> false;
    };
  }

  private static byte[] bytes(ByteSlice slice) {
    return slice.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
