package io.selvage.control.generate;

import com.google.re2j.Pattern;
import io.selvage.pki.TrustBundle;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Writes records as an indented outline; what is empty is left out. */
final class RecordPrinter {
  private final StringBuilder out = new StringBuilder();

  private RecordPrinter() {}

  static String print(Object value) {
    RecordPrinter printer = new RecordPrinter();
    printer.value(value, 0);
    return printer.out.toString();
  }

  private void value(Object value, int indent) {
    switch (value) {
      case Collection<?> list when !isFlat(list) -> {
        for (Object element : list) {
          line(indent).append('-');
          value(element, indent + 1);
        }
      }
      case Collection<?> flat -> out.append(' ').append(flat);
      case Map<?, ?> map -> out.append(' ').append(map);
      case Record node -> record(node, indent);
      default -> out.append(' ').append(value);
    }
  }

  private void record(Record node, int indent) {
    Class<?> type = node.getClass();
    Class<?> outer = type.getDeclaringClass();
    out.append(' ')
        .append(outer == null ? "" : outer.getSimpleName() + ".")
        .append(type.getSimpleName());
    if (isLeaf(node)) {
      String text = node.toString();
      out.append(text.substring(text.indexOf('[')));
      return;
    }
    for (RecordComponent component : type.getRecordComponents()) {
      Object content = content(node, component);
      if (content != null) {
        line(indent).append(component.getName()).append(':');
        value(content, indent + 1);
      }
    }
  }

  private static boolean isLeaf(Record node) {
    for (RecordComponent component : node.getClass().getRecordComponents()) {
      Object content = content(node, component);
      boolean simple =
          content == null
              || content instanceof String
              || content instanceof Number
              || content instanceof Boolean
              || content instanceof Enum
              || content instanceof Pattern;
      if (!simple) {
        return false;
      }
    }
    return node.getClass().getRecordComponents().length < 4;
  }

  private static boolean isFlat(Collection<?> list) {
    return list.stream().noneMatch(Record.class::isInstance);
  }

  private StringBuilder line(int indent) {
    return out.append('\n').append("  ".repeat(indent));
  }

  /** The component's value; null when there is nothing to show. */
  private static @org.jspecify.annotations.Nullable Object content(
      Record node, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      Object value = component.getAccessor().invoke(node);
      return switch (value) {
        case Optional<?> optional -> optional.orElse(null);
        case OptionalInt number -> number.isPresent() ? number.getAsInt() : null;
        case Collection<?> list when list.isEmpty() -> null;
        case Map<?, ?> map when map.isEmpty() -> null;
        case String text when text.isEmpty() -> null;
        case TrustBundle bundle -> List.of(bundle.toString());
        default -> value;
      };
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
