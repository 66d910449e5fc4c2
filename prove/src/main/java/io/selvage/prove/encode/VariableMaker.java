package io.selvage.prove.encode;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.Atom;
import io.selvage.prove.atom.Atomizer;
import io.selvage.prove.atom.Domains;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.atom.TextAtoms;
import io.selvage.prove.diagram.Meter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cuts the fields that statements are about, and gives each its levels. */
public final class VariableMaker {
  private static final FieldTest OPTIONS =
      new FieldTest.Text(new StringMatch.Exact("OPTIONS", false));

  private final Atomizer atomizer;

  public VariableMaker(Atomizer atomizer) {
    this.atomizer = atomizer;
  }

  /** The variables, in the order of their levels; the peer is always the first. */
  Map<Field, Variable> of(List<Formula> statements, World world, Meter meter) {
    Map<Field, Set<FieldTest>> tests = new LinkedHashMap<>();
    tests.put(new Field.Peer(), new LinkedHashSet<>());
    for (Formula statement : statements) {
      statement.visit(
          (field, test) -> tests.computeIfAbsent(field, _ -> new LinkedHashSet<>()).add(test),
          field -> tests.computeIfAbsent(field, _ -> new LinkedHashSet<>()));
    }
    if (tests.keySet().stream().anyMatch(Field::isOfToken)) {
      tests.computeIfAbsent(new Field.Issuer(), _ -> new LinkedHashSet<>());
    }
    asterisk(tests, world, meter);
    List<Field> ordered = new ArrayList<>(tests.keySet());
    ordered.sort(Comparator.comparingInt(Field::rank));
    Map<Field, Variable> variables = new LinkedHashMap<>();
    int level = 0;
    for (Field field : ordered) {
      Variable variable =
          variable(field, List.copyOf(tests.getOrDefault(field, Set.of())), level, world, meter);
      variables.put(field, variable);
      level += variable.sizes().length;
    }
    return variables;
  }

  /** Where {@code *} is like no path, it is a value of its own, and bound to a method. */
  private void asterisk(Map<Field, Set<FieldTest>> tests, World world, Meter meter) {
    Set<FieldTest> ofPath = tests.get(new Field.Path());
    if (ofPath != null && path(List.copyOf(ofPath), world, meter).indexOf("*") >= 0) {
      tests.computeIfAbsent(new Field.Method(), _ -> new LinkedHashSet<>()).add(OPTIONS);
    }
  }

  private TextAtoms path(List<FieldTest> tests, World world, Meter meter) {
    boolean targets = tests.stream().anyMatch(FieldTest.Target.class::isInstance);
    TextAtoms atoms =
        atomizer.texts(
            targets ? Domains.target(world.normalizer()) : Domains.path(world.normalizer()),
            tests,
            meter);
    return atoms.withUnlike("*");
  }

  private Variable variable(
      Field field, List<FieldTest> tests, int level, World world, Meter meter) {
    return switch (field) {
      case Field.Peer _ ->
          new Variable.Text(
              field,
              tests,
              level,
              true,
              world.known().isPresent()
                  ? atomizer.texts(world.known().get(), tests)
                  : atomizer.texts(world.identities(), tests, meter));
      case Field.SourceAddress _, Field.RemoteAddress _, Field.DestinationAddress _ ->
          new Variable.Address(field, tests, level, atomizer.addresses(tests));
      case Field.ServerName _ ->
          new Variable.Text(
              field, tests, level, true, atomizer.texts(Domains.SERVER_NAME, tests, meter));
      case Field.Authorizer _ -> new Variable.Answer(field, level);
      case Field.Method _ ->
          new Variable.Text(
              field, tests, level, false, atomizer.texts(Domains.METHOD, tests, meter));
      case Field.Path _ -> new Variable.Text(field, tests, level, false, path(tests, world, meter));
      case Field.Host _ ->
          new Variable.Text(field, tests, level, false, atomizer.texts(Domains.HOST, tests, meter));
      case Field.Header _ ->
          new Variable.Lines(field, tests, level, atomizer.headers(tests, meter));
      case Field.Issuer _ -> {
        Set<String> issuers = world.protocol() == Protocol.HTTP ? world.issuers() : Set.of();
        yield new Variable.Text(field, tests, level, true, atomizer.texts(issuers, tests));
      }
      case Field.Subject _ ->
          new Variable.Text(field, tests, level, true, atomizer.texts(Domains.CLAIM, tests, meter));
      case Field.Claim _ -> {
        List<Atom<String>> atoms =
            atomizer.texts(Domains.CLAIM, tests, meter).atoms().stream()
                .filter(atom -> atom.patterns().length > 0)
                .toList();
        yield new Variable.Elements(field, tests, level, atoms);
      }
    };
  }
}
