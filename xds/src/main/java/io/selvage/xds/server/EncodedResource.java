package io.selvage.xds.server;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.XdsResource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One resource in its final bytes, made once and shared by every client that gets it. Its version
 * is a digest of those bytes, so that a client which reconnects to another control plane isn't sent
 * what it has.
 */
public final class EncodedResource {
  private static final int VERSION_BYTES = 8;

  private final XdsType type;
  private final Resource resource;

  private EncodedResource(XdsType type, Resource resource) {
    this.type = type;
    this.resource = resource;
  }

  /**
   * Encodes a record.
   *
   * @throws io.selvage.xds.encode.EncodingException when Envoy has no form for it
   */
  public static EncodedResource of(XdsResource record) {
    return of(XdsType.of(record), record.name(), ResourceEncoder.encode(record));
  }

  /** Takes a resource that is encoded already. */
  public static EncodedResource of(XdsType type, String name, Any any) {
    byte[] digest = sha256().digest(any.getValue().toByteArray());
    return new EncodedResource(
        type,
        Resource.newBuilder()
            .setName(name)
            .setVersion(HexFormat.of().formatHex(digest, 0, VERSION_BYTES))
            .setResource(any)
            .build());
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
    return resource.getName();
  }

  public String version() {
    return resource.getVersion();
  }

  /** As state-of-the-world responses carry it. */
  public Any any() {
    return resource.getResource();
  }

  /** As delta responses carry it. */
  Resource resource() {
    return resource;
  }

  /** How many bytes it is in a response. */
  int bytes() {
    return resource.getSerializedSize();
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
