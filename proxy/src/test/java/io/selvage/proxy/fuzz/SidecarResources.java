package io.selvage.proxy.fuzz;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.selvage.xds.XdsType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The resources of the sidecar whose configuration is golden in {@code xds}, as its bytes. */
final class SidecarResources {
  private static final Path GOLDEN = Path.of("../xds/src/test/golden/sidecar.json");
  private static final Pattern HEADING = Pattern.compile("(?m)^// (\\w+) (.*)$");
  private static final Pattern PACKED = Pattern.compile("type\\.googleapis\\.com/(envoy[\\w.]+)");

  /** One resource. */
  record Golden(XdsType type, String name, Any any) {}

  private SidecarResources() {}

  static List<Golden> all() {
    try {
      String text = Files.readString(GOLDEN);
      JsonFormat.Parser parser = JsonFormat.parser().usingTypeRegistry(types(text));
      List<Golden> all = new ArrayList<>();
      Matcher heading = HEADING.matcher(text);
      while (heading.find()) {
        XdsType type = XdsType.valueOf(heading.group(1));
        int end = text.indexOf("\n// ", heading.end());
        String json = text.substring(heading.end(), end < 0 ? text.length() : end);
        Message.Builder builder = builder(type);
        parser.merge(json, builder);
        Any any =
            Any.newBuilder()
                .setTypeUrl(type.url())
                .setValue(builder.build().toByteString())
                .build();
        all.add(new Golden(type, heading.group(2), any));
      }
      return all;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Every type that the text packs into an {@code Any}, by the class that Envoy's API has for it.
   */
  private static TypeRegistry types(String text) {
    TypeRegistry.Builder types = TypeRegistry.newBuilder();
    PACKED
        .matcher(text)
        .results()
        .map(found -> "io.envoyproxy." + found.group(1))
        .distinct()
        .forEach(name -> types.add(descriptor(name)));
    return types.build();
  }

  private static Descriptor descriptor(String className) {
    try {
      return (Descriptor) Class.forName(className).getMethod("getDescriptor").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(className, e);
    }
  }

  private static Message.Builder builder(XdsType type) {
    return switch (type) {
      case LISTENER -> Listener.newBuilder();
      case ROUTES -> RouteConfiguration.newBuilder();
      case CLUSTER -> Cluster.newBuilder();
      case ENDPOINTS -> ClusterLoadAssignment.newBuilder();
      case EXTENSION -> TypedExtensionConfig.newBuilder();
      case SECRET -> Secret.newBuilder();
    };
  }
}
