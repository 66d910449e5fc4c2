package io.selvage.xds.parse;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds every field that is set in a message, at any depth, against what is {@link Understood}.
 * Fields that this build doesn't know at all (a newer control plane sent them) are refused too:
 * Envoy's CVE-2022-21679 came from a field that an older proxy left aside.
 */
final class FieldCheck {
  /** Plain data, read whole by whoever reads the field. */
  private static final Set<String> LEAVES =
      Set.of(
          "google.protobuf.Any",
          "google.protobuf.Struct",
          "google.protobuf.Duration",
          "google.protobuf.BoolValue",
          "google.protobuf.UInt32Value");

  private FieldCheck() {}

  static void check(Message message, At at) {
    Descriptor type = message.getDescriptorForType();
    unknown(message, at);
    if (LEAVES.contains(type.getFullName())) {
      return;
    }
    Understood.Fields fields = Understood.fields(type.getFullName());
    if (fields == null) {
      at.refuse(type.getFullName() + " is not understood");
      return;
    }
    for (Map.Entry<FieldDescriptor, Object> set : message.getAllFields().entrySet()) {
      FieldDescriptor field = set.getKey();
      if (fields.passes().contains(field.getName())) {
        continue;
      }
      if (!fields.reads().contains(field.getName())) {
        at.field(field.getName())
            .refuse("is not understood and could change a security decision; remove it");
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        below(field, set.getValue(), at);
      } else if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
        choice(field, set.getValue(), at);
      }
    }
  }

  private static void below(FieldDescriptor field, Object value, At at) {
    if (!field.isRepeated()) {
      check((Message) value, at.field(field.getName()));
      return;
    }
    List<?> items = (List<?>) value;
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof MapEntry<?, ?> entry) {
        if (entry.getValue() instanceof Message message) {
          check(message, at.entry(field.getName(), String.valueOf(entry.getKey())));
        }
      } else {
        check((Message) items.get(i), at.item(field.getName(), i));
      }
    }
  }

  /**
   * A number that this build has no name for: proto3 keeps it, and would read it as the default.
   */
  private static void choice(FieldDescriptor field, Object value, At at) {
    List<?> choices = field.isRepeated() ? (List<?>) value : List.of(value);
    for (Object each : choices) {
      int number = ((EnumValueDescriptor) each).getNumber();
      if (field.getEnumType().findValueByNumber(number) == null) {
        at.field(field.getName()).refuse("is unknown: " + number);
      }
    }
  }

  private static void unknown(Message message, At at) {
    Set<Integer> numbers = new TreeSet<>(message.getUnknownFields().asMap().keySet());
    if (!numbers.isEmpty()) {
      at.refuse(
          "has fields that this version doesn't know: numbers "
              + numbers.stream().limit(20).toList()
              + " of "
              + message.getDescriptorForType().getFullName());
    }
  }
}
