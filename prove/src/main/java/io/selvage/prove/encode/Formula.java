package io.selvage.prove.encode;

import io.selvage.prove.atom.FieldTest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A statement about a connection and its request. */
public sealed interface Formula {
  /** Always, or never. */
  enum Constant implements Formula {
    FALSE,
    TRUE;

    static Constant of(boolean holds) {
      return holds ? TRUE : FALSE;
    }
  }

  /** All of them. */
  record And(List<Formula> parts) implements Formula {}

  /** Any of them. */
  record Or(List<Formula> parts) implements Formula {}

  /** Not that. */
  record Not(Formula part) implements Formula {}

  /** The field is there and satisfies the test; of a list of strings, one does. */
  record Test(Field field, FieldTest test) implements Formula {}

  /** The field is there. */
  record Present(Field field) implements Formula {}

  static Formula all(List<Formula> parts) {
    List<Formula> kept = new ArrayList<>();
    for (Formula part : parts) {
      if (part == Constant.FALSE) {
        return Constant.FALSE;
      }
      if (part != Constant.TRUE) {
        kept.add(part);
      }
    }
    return kept.isEmpty() ? Constant.TRUE : kept.size() == 1 ? kept.getFirst() : new And(kept);
  }

  static Formula any(List<Formula> parts) {
    List<Formula> kept = new ArrayList<>();
    for (Formula part : parts) {
      if (part == Constant.TRUE) {
        return Constant.TRUE;
      }
      if (part != Constant.FALSE) {
        kept.add(part);
      }
    }
    return kept.isEmpty() ? Constant.FALSE : kept.size() == 1 ? kept.getFirst() : new Or(kept);
  }

  static Formula not(Formula part) {
    return switch (part) {
      case Constant constant -> Constant.of(constant == Constant.FALSE);
      case Not(Formula inner) -> inner;
      case And _, Or _, Test _, Present _ -> new Not(part);
    };
  }

  /** Calls {@code tests} with each test, and {@code fields} with each field that must be known. */
  default void visit(BiConsumer<Field, FieldTest> tests, Consumer<Field> fields) {
    switch (this) {
      case Constant _ -> {}
      case And(var parts) -> parts.forEach(part -> part.visit(tests, fields));
      case Or(var parts) -> parts.forEach(part -> part.visit(tests, fields));
      case Not(var part) -> part.visit(tests, fields);
      case Test(Field field, FieldTest test) -> tests.accept(field, test);
      case Present(Field field) -> fields.accept(field);
    }
  }
}
