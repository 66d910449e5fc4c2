package io.selvage.bench.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A delta response as far as a measurement looks into it: names, not content. Listeners are kept,
 * since they say which routes and filters are wanted.
 *
 * @param type the type's URL
 * @param nonce to be acknowledged
 * @param names of the resources
 * @param listeners their bytes, when the type is listeners; in the order of the names
 * @param bytes of the whole message
 */
record Frame(String type, String nonce, List<String> names, List<ByteString> listeners, int bytes) {
  static final String LISTENERS = "type.googleapis.com/envoy.config.listener.v3.Listener";
  static final String CLUSTERS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  static final String ENDPOINTS =
      "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
  static final String EXTENSIONS = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";
  static final String ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

  static final MethodDescriptor<DeltaDiscoveryRequest, Frame> METHOD =
      MethodDescriptor.<DeltaDiscoveryRequest, Frame>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName(
              "envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources")
          .setRequestMarshaller(ProtoUtils.marshaller(DeltaDiscoveryRequest.getDefaultInstance()))
          .setResponseMarshaller(new Skimmer())
          .build();

  /** Reads names and passes over the rest. */
  private static final class Skimmer implements MethodDescriptor.Marshaller<Frame> {
    @Override
    public InputStream stream(Frame frame) {
      throw new UnsupportedOperationException("a client sends no responses");
    }

    @Override
    public Frame parse(InputStream stream) {
      try {
        return read(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Frame read(InputStream stream) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(stream, 1 << 14);
    in.setSizeLimit(Integer.MAX_VALUE);
    String type = "";
    String nonce = "";
    List<String> names = new ArrayList<>();
    List<ByteString> listeners = new ArrayList<>();
    while (true) {
      int tag = in.readTag();
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 0 -> {
          return new Frame(type, nonce, names, listeners, in.getTotalBytesRead());
        }
        case DeltaDiscoveryResponse.RESOURCES_FIELD_NUMBER -> resource(in, names, listeners);
        case DeltaDiscoveryResponse.TYPE_URL_FIELD_NUMBER -> type = in.readString();
        case DeltaDiscoveryResponse.NONCE_FIELD_NUMBER -> nonce = in.readString();
        default -> in.skipField(tag);
      }
    }
  }

  private static void resource(CodedInputStream in, List<String> names, List<ByteString> listeners)
      throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    String name = "";
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      switch (WireFormat.getTagFieldNumber(tag)) {
        case Resource.NAME_FIELD_NUMBER -> name = in.readString();
        case Resource.RESOURCE_FIELD_NUMBER -> any(in, listeners);
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
    names.add(name);
  }

  /** The content, of listeners only. */
  private static void any(CodedInputStream in, List<ByteString> listeners) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    boolean listener = false;
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> listener = in.readString().equals(LISTENERS);
        case 2 -> {
          if (listener) {
            listeners.add(in.readBytes());
          } else {
            in.skipField(tag);
          }
        }
        default -> in.skipField(tag);
      }
    }
    in.popLimit(limit);
  }
}
