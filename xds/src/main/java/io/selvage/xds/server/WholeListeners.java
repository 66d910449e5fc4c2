package io.selvage.xds.server;

import com.google.protobuf.Any;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.Discovery;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.XdsResource;
import java.util.Optional;

/**
 * Listeners as they are to be shown: with the filters in them that they name, as the client that
 * puts them together shows them, too, and as tools expect them that know of no discovery.
 */
final class WholeListeners {
  private final TypeResources extensions;
  private final Discovery discovery;

  /** For listeners that name these. */
  WholeListeners(TypeResources extensions) {
    this.extensions = extensions;
    this.discovery = new Discovery(this::extension);
  }

  private Optional<ExtensionConfig> extension(String name) {
    return extensions.get(name).flatMap(found -> parsed(found).map(ExtensionConfig.class::cast));
  }

  private static Optional<XdsResource> parsed(EncodedResource from) {
    return Optional.ofNullable(
        ResourceParser.parse(from.type(), from.name(), from.any()).good().get(from.name()));
  }

  /** A resource's content; of a listener that which it names, too. */
  Any shown(EncodedResource resource) {
    if (resource.type() != XdsType.LISTENER || extensions.size() == 0) {
      return resource.any();
    }
    return parsed(resource)
        .map(Listener.class::cast)
        .filter(listener -> !listener.isWhole() && discovery.missing(listener).isEmpty())
        .map(listener -> ResourceEncoder.encode(discovery.whole(listener)))
        .orElseGet(resource::any);
  }
}
