package io.selvage.xds.encode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.selvage.xds.EnvoyNames;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Messages in {@code Any}s, the same bytes for equal messages. */
final class Packing {
  private Packing() {}

  static Any pack(Message message) {
    return Any.newBuilder()
        .setTypeUrl(EnvoyNames.typeUrl(message.getDescriptorForType().getFullName()))
        .setValue(bytes(message))
        .build();
  }

  private static ByteString bytes(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array", e);
    }
    return com.google.protobuf.UnsafeByteOperations.unsafeWrap(bytes);
  }
}
