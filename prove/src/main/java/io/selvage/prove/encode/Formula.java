package io.selvage.prove.encode;

import io.selvage.prove.atom.FieldTest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** A statement about a connection and its request. */
public sealed interface Formula {
  Formula TRUE = new Constant(true);
  Formula FALSE = new Constant(false);

  /** Always, or never. */
  record Constant(boolean holds) implements Formula {}

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
      if (part.equals(FALSE)) {
        return FALSE;
      }
      if (!part.equals(TRUE)) {
        kept.add(part);
      }
    }
    return kept.isEmpty() ? TRUE : kept.size() == 1 ? kept.getFirst() : new And(kept);
  }

  static Formula any(List<Formula> parts) {
    List<Formula> kept = new ArrayList<>();
    for (Formula part : parts) {
      if (part.equals(TRUE)) {
        return TRUE;
      }
      if (!part.equals(FALSE)) {
        kept.add(part);
      }
    }
    return kept.isEmpty() ? FALSE : kept.size() == 1 ? kept.getFirst() : new Or(kept);
  }

  static Formula not(Formula part) {
    return switch (part) {
      case Constant(boolean holds) -> holds ? FALSE : TRUE;
      case Not(Formula inner) -> inner;
      case And _, Or _, Test _, Present _ -> new Not(part);
    };
  }

  /** Calls {@code tests} with each test, and {@code fields} with each field that must be known. */
  default void visit(BiConsumer<Field, FieldTest> tests, java.util.function.Consumer<Field> fields) {
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
