package io.selvage.xds.server;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.EncodedParts;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.XdsResource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One resource in its final bytes, made once and shared by every client that gets it: the very
 * bytes that it is in a delta response, so that sending it is copying them. Its version is a digest
 * of its content, so that a client which reconnects to another control plane isn't sent what it
 * has.
 */
public final class EncodedResource {
  private static final int VERSION_BYTES = 8;

  /** As long as every version: what it is, is known when the content stands in its place. */
  private static final String NO_VERSION = "0".repeat(2 * VERSION_BYTES);

  private final XdsType type;
  private final String name;
  private final String version;
  private final String typeUrl;

  /** {@code DeltaDiscoveryResponse.resources}, tag and length first, the content last. */
  private final byte[] entry;

  /** Where in the entry the content begins. */
  private final int content;

  private EncodedResource(XdsType type, String name, Any any) {
    this.type = type;
    this.name = name;
    this.typeUrl = any.getTypeUrl();
    ByteString value = any.getValue();
    int inAny =
        CodedOutputStream.computeStringSize(Any.TYPE_URL_FIELD_NUMBER, typeUrl)
            + CodedOutputStream.computeBytesSize(Any.VALUE_FIELD_NUMBER, value);
    int inResource =
        CodedOutputStream.computeStringSize(Resource.NAME_FIELD_NUMBER, name)
            + CodedOutputStream.computeStringSize(Resource.VERSION_FIELD_NUMBER, NO_VERSION)
            + CodedOutputStream.computeTagSize(Resource.RESOURCE_FIELD_NUMBER)
            + CodedOutputStream.computeUInt32SizeNoTag(inAny)
            + inAny;
    entry =
        new byte
            [CodedOutputStream.computeTagSize(DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(inResource)
                + inResource];
    CodedOutputStream out = CodedOutputStream.newInstance(entry);
    int afterVersion;
    try {
      begin(out, DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER, inResource);
      out.writeString(Resource.NAME_FIELD_NUMBER, name);
      out.writeString(Resource.VERSION_FIELD_NUMBER, NO_VERSION);
      afterVersion = out.getTotalBytesWritten();
      begin(out, Resource.RESOURCE_FIELD_NUMBER, inAny);
      out.writeString(Any.TYPE_URL_FIELD_NUMBER, typeUrl);
      begin(out, Any.VALUE_FIELD_NUMBER, value.size());
      content = out.getTotalBytesWritten();
      out.writeRawBytes(value);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to an array", e);
    }
    MessageDigest digest = sha256();
    digest.update(entry, content, entry.length - content);
    version = HexFormat.of().formatHex(digest.digest(), 0, VERSION_BYTES);
    byte[] text = version.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, entry, afterVersion - text.length, text.length);
  }

  private static void begin(CodedOutputStream out, int field, int length) throws IOException {
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(length);
  }

  /**
   * Encodes a record.
   *
   * @throws io.selvage.xds.encode.EncodingException when Envoy has no form for it
   */
  public static EncodedResource of(XdsResource record) {
    return of(record, new EncodedParts());
  }

  /**
   * Encodes a record that has parts in common with others.
   *
   * @throws io.selvage.xds.encode.EncodingException when Envoy has no form for it
   */
  public static EncodedResource of(XdsResource record, EncodedParts parts) {
    return of(XdsType.of(record), record.name(), ResourceEncoder.encode(record, parts));
  }

  /** Takes a resource that is encoded already. */
  public static EncodedResource of(XdsType type, String name, Any any) {
    return new EncodedResource(type, name, any);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  public XdsType type() {
    return type;
  }

  public String name() {
    return name;
  }

  public String version() {
    return version;
  }

  /** As state-of-the-world responses carry it. */
  public Any any() {
    return Any.newBuilder()
        .setTypeUrl(typeUrl)
        .setValue(UnsafeByteOperations.unsafeWrap(entry, content, entry.length - content))
        .build();
  }

  /** Writes it as a delta response carries it. */
  void writeTo(OutputStream out) throws IOException {
    out.write(entry, 0, entry.length);
  }

  /** How many bytes it is in a response. */
  int bytes() {
    return entry.length;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EncodedResource that
        && type == that.type
        && name().equals(that.name())
        && version().equals(that.version());
  }

  @Override
  public int hashCode() {
    return version().hashCode();
  }

  /** Without the content, which may hold a private key. */
  @Override
  public String toString() {
    return type + " " + name() + "@" + version();
  }
}
