package io.selvage.xds.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the name in place of each packed message whose type is not known, so that the rest prints.
 */
final class UnknownTypes {
  private final TypeRegistry known;

  UnknownTypes(TypeRegistry known) {
    this.known = known;
  }

  Message named(Message from) throws InvalidProtocolBufferException {
    if (from.getDescriptorForType().equals(Any.getDescriptor())) {
      return named(Any.parseFrom(from.toByteString()));
    }
    Message.Builder to = from.toBuilder();
    for (var field : from.getAllFields().entrySet()) {
      FieldDescriptor of = field.getKey();
      if (of.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        to.setField(of, of.isRepeated() ? all((List<?>) field.getValue()) : one(field.getValue()));
      }
    }
    return to.build();
  }

  private List<Message> all(List<?> values) throws InvalidProtocolBufferException {
    List<Message> all = new ArrayList<>(values.size());
    for (Object value : values) {
      all.add(one(value));
    }
    return all;
  }

  private Message one(Object value) throws InvalidProtocolBufferException {
    return named((Message) value);
  }

  private Any named(Any from) throws InvalidProtocolBufferException {
    Descriptor type = known.getDescriptorForTypeUrl(from.getTypeUrl());
    if (type != null) {
      return from.toBuilder()
          .setValue(named(DynamicMessage.parseFrom(type, from.getValue())).toByteString())
          .build();
    }
    return Any.pack(
        Struct.newBuilder()
            .putFields("unknown_type", Value.newBuilder().setStringValue(from.getTypeUrl()).build())
            .putFields("bytes", Value.newBuilder().setNumberValue(from.getValue().size()).build())
            .build());
  }
}
