package io.selvage.prove;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.RbacPolicy.Action;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Meaning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Ways to understand a matcher slightly wrong, each with what is wrong about it. */
final class Mutants {
  private Mutants() {}

  static Map<String, Meaning> all() {
    Map<String, Meaning> all = new LinkedHashMap<>();
    all.put(
        "a suffix is a prefix",
        texts(
            match ->
                match instanceof StringMatch.Suffix(String value, boolean fold)
                    ? new StringMatch.Prefix(value, fold)
                    : match));
    all.put(
        "a prefix is an exact text",
        texts(
            match ->
                match instanceof StringMatch.Prefix(String value, boolean fold)
                    ? new StringMatch.Exact(value, fold)
                    : match));
    all.put(
        "case never counts",
        texts(
            match ->
                match instanceof StringMatch.Exact(String value, _)
                    ? new StringMatch.Exact(value, true)
                    : match));
    all.put(
        "case always counts",
        texts(
            match ->
                match instanceof StringMatch.Exact(String value, _)
                    ? new StringMatch.Exact(value, false)
                    : match));
    all.put(
        "what isn't empty may be empty",
        texts(match -> match instanceof StringMatch.NonEmpty ? new StringMatch.Any() : match));
    all.put(
        "a part of a text begins it",
        texts(
            match ->
                match instanceof StringMatch.Contains(String value, boolean fold)
                    ? new StringMatch.Prefix(value, fold)
                    : match));
    all.put(
        "a negation is dropped",
        new Meaning() {
          @Override
          protected Formula not(Formula part) {
            return part;
          }
        });
    all.put(
        "a negation wants the field to be there",
        new Meaning() {
          @Override
          protected Formula not(Formula part) {
            return part instanceof Formula.Test(Field field, _) && !(field instanceof Field.Claim)
                ? Formula.all(List.of(new Formula.Present(field), Formula.not(part)))
                : Formula.not(part);
          }
        });
    all.put(
        "a negation keeps the reading",
        new Meaning() {
          @Override
          protected Reading underNot(Reading reading) {
            return reading;
          }
        });
    all.put(
        "every reading is narrow",
        new Meaning() {
          @Override
          protected Reading reading(Action action) {
            return Reading.NARROW;
          }
        });
    all.put(
        "every reading is wide",
        new Meaning() {
          @Override
          protected Reading reading(Action action) {
            return Reading.WIDE;
          }
        });
    all.put(
        "a claim is one text, not a list",
        new Meaning() {
          @Override
          protected Formula claim(List<String> path, StringMatch match, Context context) {
            Formula claim = super.claim(path, match, context);
            return claim instanceof Formula.Test(Field.Claim _, _)
                ? Formula.all(
                    List.of(
                        claim,
                        Formula.not(super.claim(path, new StringMatch.Exact("y", false), context))))
                : claim;
          }
        });
    all.put(
        "claims are there without a token's issuer",
        new Meaning() {
          @Override
          protected Formula claim(List<String> path, StringMatch match, Context context) {
            return context.tokens() ? super.claim(path, match, context) : Formula.Constant.TRUE;
          }
        });
    all.put(
        "subject and issuer are mixed up",
        new Meaning() {
          @Override
          protected Formula claim(List<String> path, StringMatch match, Context context) {
            return super.claim(path.equals(List.of("sub")) ? List.of("iss") : path, match, context);
          }
        });
    all.put(
        "a rule wants permissions or principals",
        new Meaning() {
          @Override
          public Formula of(RbacPolicy rule, Reading reading, Context context) {
            return Formula.any(
                List.of(
                    any(rule.permissions(), reading, context),
                    any(rule.principals(), reading, context)));
          }
        });
    all.put(
        "any is all",
        new Meaning() {
          @Override
          protected Formula any(List<Matcher> parts, Reading reading, Context context) {
            return parts.isEmpty()
                ? Formula.Constant.FALSE
                : Formula.all(parts.stream().map(part -> of(part, reading, context)).toList());
          }
        });
    all.put(
        "the port is one more",
        matchers(
            matcher ->
                matcher instanceof Matcher.DestinationPort(int first, int last)
                    ? new Matcher.DestinationPort(first + 1, last)
                    : matcher));
    all.put(
        "the client is the other end of the connection",
        matchers(
            matcher ->
                matcher instanceof Matcher.RemoteIp(var block)
                    ? new Matcher.SourceIp(block)
                    : matcher));
    all.put(
        "the dialled address is the caller's",
        matchers(
            matcher ->
                matcher instanceof Matcher.DestinationIp(var block)
                    ? new Matcher.SourceIp(block)
                    : matcher));
    all.put(
        "a template has one reading",
        new Meaning() {
          @Override
          protected Formula of(Matcher matcher, Reading reading, Context context) {
            return super.of(
                matcher,
                matcher instanceof Matcher.PathTemplateMatch ? Reading.NARROW : reading,
                context);
          }
        });
    all.put(
        "only the first line of a header counts",
        new Meaning() {
          @Override
          protected Formula header(String name, List<StringMatch> anyOf, Reading reading) {
            return super.header(name, anyOf, name.startsWith(":") ? reading : Reading.NARROW);
          }
        });
    all.put(
        "metadata of other filters is there",
        new Meaning() {
          @Override
          protected Formula of(Matcher matcher, Reading reading, Context context) {
            return matcher instanceof Matcher.FilterMetadata
                ? Formula.Constant.TRUE
                : super.of(matcher, reading, context);
          }
        });
    all.put(
        "HTTP is seen on TCP",
        new Meaning() {
          @Override
          protected Formula of(Matcher matcher, Reading reading, Context context) {
            return context.protocol() == Protocol.TCP && matcher instanceof Matcher.Method
                ? Formula.Constant.TRUE
                : super.of(matcher, reading, context);
          }
        });
    all.put(
        "a query belongs to the path",
        new Meaning() {
          @Override
          protected Formula header(String name, List<StringMatch> anyOf, Reading reading) {
            return name.equals(":path")
                ? Formula.any(
                    anyOf.stream()
                        .<Formula>map(
                            match -> new Formula.Test(new Field.Path(), new FieldTest.Text(match)))
                        .toList())
                : super.header(name, anyOf, reading);
          }
        });
    all.put(
        "authenticated is anybody",
        new Meaning() {
          @Override
          protected Formula of(Matcher matcher, Reading reading, Context context) {
            return matcher instanceof Matcher.PeerAuthenticated
                ? Formula.Constant.TRUE
                : super.of(matcher, reading, context);
          }
        });
    return all;
  }

  /** One that takes tests of texts for others. */
  private static Meaning texts(UnaryOperator<StringMatch> wrong) {
    return new Meaning() {
      @Override
      protected StringMatch text(StringMatch match) {
        return wrong.apply(match);
      }
    };
  }

  /** One that takes matchers for others. */
  private static Meaning matchers(UnaryOperator<Matcher> wrong) {
    return new Meaning() {
      @Override
      protected Formula of(Matcher matcher, Reading reading, Context context) {
        return super.of(wrong.apply(matcher), reading, context);
      }
    };
  }
}
