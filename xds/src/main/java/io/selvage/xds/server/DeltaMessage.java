package io.selvage.xds.server;

import com.google.protobuf.CodedOutputStream;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DeltaDiscoveryResponse} as a server sends it: the little that is this client's, and
 * resources whose bytes are ready. A thousand clients are sent the same thousands of resources;
 * with the generated class each of them would be walked, measured and written field by field for
 * each client.
 *
 * @param own the response without its resources
 * @param resources those that it holds
 */
record DeltaMessage(DeltaDiscoveryResponse own, List<EncodedResource> resources) {
  static DeltaMessage of(String typeUrl, String nonce, Subscription.Outgoing outgoing) {
    DeltaDiscoveryResponse own =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(typeUrl)
            .setNonce(nonce)
            .setSystemVersionInfo(outgoing.version())
            .setControlPlane(ClientSession.SELVAGE)
            .addAllRemovedResources(outgoing.removed())
            .build();
    return new DeltaMessage(own, outgoing.resources());
  }

  /** A method of delta discovery whose responses are these. */
  static MethodDescriptor<DeltaDiscoveryRequest, DeltaMessage> method(
      MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> generated) {
    return generated.toBuilder(generated.getRequestMarshaller(), new Marshaller()).build();
  }

  private int length() {
    int length = own.getSerializedSize();
    for (EncodedResource resource : resources) {
      length += resource.bytes();
    }
    return length;
  }

  private void writeTo(OutputStream out) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out, own.getSerializedSize());
    own.writeTo(coded);
    coded.flush();
    for (EncodedResource resource : resources) {
      resource.writeTo(out);
    }
  }

  private static final class Marshaller implements MethodDescriptor.Marshaller<DeltaMessage> {
    @Override
    public InputStream stream(DeltaMessage message) {
      return new Bytes(message);
    }

    @Override
    public DeltaMessage parse(InputStream stream) {
      throw new UnsupportedOperationException("a server reads no responses");
    }
  }

  /** Drained by transports that have buffers of their own; read by the one within a process. */
  private static final class Bytes extends InputStream implements Drainable, KnownLength {
    private final DeltaMessage message;
    private final int length;
    private boolean drained;
    private @Nullable ByteArrayInputStream read;

    Bytes(DeltaMessage message) {
      this.message = message;
      this.length = message.length();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int left = available();
      if (read != null) {
        read.transferTo(target);
      } else if (!drained) {
        message.writeTo(target);
      }
      drained = true;
      return left;
    }

    @Override
    public int available() {
      if (read != null) {
        return read.available();
      }
      return drained ? 0 : length;
    }

    private ByteArrayInputStream reading() throws IOException {
      if (read == null) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream(length);
        drainTo(whole);
        read = new ByteArrayInputStream(whole.toByteArray());
      }
      return read;
    }

    @Override
    public int read() throws IOException {
      return reading().read();
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
      return reading().read(target, offset, count);
    }
  }
}
