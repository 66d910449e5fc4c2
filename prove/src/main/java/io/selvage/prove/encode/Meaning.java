package io.selvage.prove.encode;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.FieldTest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@link Matcher} states, as {@code policy}'s reference evaluator has it: readings, what is
 * absent, what plain TCP doesn't have. Written a second time here, on purpose: tests hold the two
 * against each other, and change this one in small ways to see that they would notice.
 */
public class Meaning {
  private static final Field PEER = new Field.Peer();

  /**
   * What is known of every request that reaches a port.
   *
   * @param tokens whether tokens have been looked at before the matcher is
   */
  public record Context(Protocol protocol, int port, boolean tokens) {
    Context withoutTokens() {
      return new Context(protocol, port, false);
    }
  }

  /** That one of the rule's permissions and one of its principals match. */
  public Formula of(RbacPolicy rule, Reading reading, Context context) {
    return Formula.all(
        List.of(
            any(rule.permissions(), reading, context), any(rule.principals(), reading, context)));
  }

  /** The reading outside of any {@code Not}. */
  protected Reading reading(RbacPolicy.Action action) {
    return action == RbacPolicy.Action.ALLOW ? Reading.NARROW : Reading.WIDE;
  }

  /** The reading one {@code Not} further in. */
  protected Reading underNot(Reading reading) {
    return reading == Reading.NARROW ? Reading.WIDE : Reading.NARROW;
  }

  /** The negation of a statement. */
  protected Formula not(Formula part) {
    return Formula.not(part);
  }

  /** How a string is tested. */
  protected StringMatch text(StringMatch match) {
    return match;
  }

  /** That the matcher holds. */
  protected Formula of(Matcher matcher, Reading reading, Context context) {
    return switch (matcher) {
      case Matcher.Always _ -> Formula.Constant.TRUE;
      case Matcher.Never _ -> Formula.Constant.FALSE;
      case Matcher.And(var parts) ->
          Formula.all(parts.stream().map(part -> of(part, reading, context)).toList());
      case Matcher.Or(var parts) -> any(parts, reading, context);
      case Matcher.Not(var part) -> not(of(part, underNot(reading), context));
      case Matcher.PeerPrincipal(var match) -> on(PEER, match);
      case Matcher.PeerAuthenticated _ -> new Formula.Present(PEER);
      case Matcher.SourceIp(var block) ->
          new Formula.Test(new Field.SourceAddress(), new FieldTest.Block(block));
      case Matcher.RemoteIp(var block) ->
          new Formula.Test(
              context.protocol() == Protocol.HTTP
                  ? new Field.RemoteAddress()
                  : new Field.SourceAddress(),
              new FieldTest.Block(block));
      case Matcher.DestinationIp(var block) ->
          new Formula.Test(new Field.DestinationAddress(), new FieldTest.Block(block));
      case Matcher.DestinationPort(int first, int last) ->
          Formula.Constant.of(first <= context.port() && context.port() <= last);
      case Matcher.ServerName(var match) -> on(new Field.ServerName(), match);
      case Matcher.FilterMetadata _ -> Formula.Constant.of(reading == Reading.WIDE);
      case Matcher.Host _,
          Matcher.Method _,
          Matcher.Path _,
          Matcher.PathTemplateMatch _,
          Matcher.Header _,
          Matcher.Claim _ ->
          context.protocol() == Protocol.TCP
              ? Formula.Constant.FALSE
              : ofHttp(matcher, reading, context);
    };
  }

  private Formula ofHttp(Matcher matcher, Reading reading, Context context) {
    return switch (matcher) {
      case Matcher.Host(var match) -> on(new Field.Host(), match);
      case Matcher.Method(var match) -> on(new Field.Method(), match);
      case Matcher.Path(var match) -> on(new Field.Path(), match);
      case Matcher.PathTemplateMatch(var template) ->
          new Formula.Test(new Field.Path(), new FieldTest.Template(template, reading));
      case Matcher.Header(var name, var match) -> header(name, List.of(match), reading);
      case Matcher.Claim(var path, var match) -> claim(path, match, context);
      case Matcher.Always _,
          Matcher.Never _,
          Matcher.And _,
          Matcher.Or _,
          Matcher.Not _,
          Matcher.PeerPrincipal _,
          Matcher.PeerAuthenticated _,
          Matcher.SourceIp _,
          Matcher.RemoteIp _,
          Matcher.DestinationIp _,
          Matcher.DestinationPort _,
          Matcher.ServerName _,
          Matcher.FilterMetadata _ ->
          throw new IllegalArgumentException("not of HTTP: " + matcher);
    };
  }

  private Formula on(Field field, StringMatch match) {
    return new Formula.Test(field, new FieldTest.Text(text(match)));
  }

  /**
   * {@code :path} is the normalised path with its query; of the other pseudo headers none is told.
   */
  protected Formula header(String name, List<StringMatch> anyOf, Reading reading) {
    if (name.equals(":path")) {
      return Formula.any(
          anyOf.stream()
              .<Formula>map(
                  match -> new Formula.Test(new Field.Path(), new FieldTest.Target(text(match))))
              .toList());
    }
    if (name.startsWith(":")) {
      return Formula.Constant.of(reading == Reading.WIDE);
    }
    return new Formula.Test(
        new Field.Header(name),
        new FieldTest.Lines(anyOf.stream().map(this::text).toList(), reading));
  }

  /** Without a token there are no claims. */
  protected Formula claim(List<String> path, StringMatch match, Context context) {
    if (!context.tokens()) {
      return Formula.Constant.FALSE;
    }
    if (path.equals(List.of("iss"))) {
      return on(new Field.Issuer(), match);
    }
    return on(path.equals(List.of("sub")) ? new Field.Subject() : new Field.Claim(path), match);
  }

  /**
   * Any of them. A header's values distribute over "or" in either reading, so those of one header
   * are one test: fewer tests are fewer atoms.
   */
  protected Formula any(List<Matcher> parts, Reading reading, Context context) {
    Map<String, List<StringMatch>> headers = new LinkedHashMap<>();
    List<Formula> all = new ArrayList<>();
    for (Matcher part : parts) {
      if (part instanceof Matcher.Header(var name, var match)
          && context.protocol() == Protocol.HTTP) {
        headers.computeIfAbsent(name, _ -> new ArrayList<>()).add(match);
      } else {
        all.add(of(part, reading, context));
      }
    }
    headers.forEach((name, anyOf) -> all.add(header(name, anyOf, reading)));
    return Formula.any(all);
  }
}
