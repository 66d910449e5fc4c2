package io.selvage.model;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A record as an indented outline without empty parts, for golden files. */
final class RecordText {
  private final StringBuilder text = new StringBuilder();

  static String of(Resource resource) {
    RecordText outline = new RecordText();
    outline.text.append(resource.kind()).append('\n');
    outline.components((Record) resource, "  ");
    return outline.text.toString();
  }

  private void components(Record record, String indent) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        entry(component.getName(), component.getAccessor().invoke(record), indent);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
    }
  }

  private void entry(String name, Object value, String indent) {
    switch (value) {
      case Optional<?> optional -> optional.ifPresent(inner -> present(name, inner, indent));
      case OptionalInt optional -> optional.ifPresent(inner -> line(name, inner, indent));
      case FieldValues values -> {
        for (int i = 0; i < values.size(); i++) {
          line(name, values.values().get(i) + "  @" + values.locations().get(i).line(), indent);
        }
      }
      case SourceLocation at -> line(name, at, indent);
      case Collection<?> list -> list.forEach(inner -> entry(name, inner, indent));
      case Map<?, ?> map -> map.forEach((key, inner) -> entry(name + "." + key, inner, indent));
      case String string when string.isEmpty() -> {}
      case Record record -> {
        text.append(indent).append(name).append(":\n");
        components(record, indent + "  ");
      }
      default -> line(name, value, indent);
    }
  }

  private void present(String name, Object value, String indent) {
    if (value instanceof Collection<?> list && list.isEmpty()) {
      line(name, "(empty)", indent);
    } else {
      entry(name, value, indent);
    }
  }

  private void line(String name, Object value, String indent) {
    text.append(indent).append(name).append(": ").append(value).append('\n');
  }
}
