package io.selvage.xds.server;

import com.google.protobuf.Any;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.Discovery;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.XdsResource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Listeners as they are to be shown: with the filters in them that they name, as the client that
 * puts them together shows them, too, and as tools expect them that know of no discovery.
 */
final class WholeListeners {
  private final TypeResources extensions;
  private final Optional<ClientStatus.Nack> refused;
  private final Map<String, Optional<ExtensionConfig>> read = new HashMap<>();
  private final Discovery discovery = new Discovery(this::extension);

  /**
   * A listener to be shown.
   *
   * @param refused why the client does not use it in this form; its own type says so first
   */
  record Shown(Any content, Optional<ClientStatus.Nack> refused) {}

  /**
   * For listeners that name these.
   *
   * @param refused why the client does not use them
   */
  WholeListeners(TypeResources extensions, Optional<ClientStatus.Nack> refused) {
    this.extensions = extensions;
    this.refused = refused;
  }

  private Optional<ExtensionConfig> extension(String name) {
    return read.computeIfAbsent(
        name,
        _ -> extensions.get(name).flatMap(found -> parsed(found).map(ExtensionConfig.class::cast)));
  }

  private static Optional<XdsResource> parsed(EncodedResource from) {
    return Optional.ofNullable(
        ResourceParser.parse(from.type(), from.name(), from.any()).good().get(from.name()));
  }

  /** A resource; of a listener that which it names, too. */
  Shown shown(EncodedResource resource) {
    if (resource.type() != XdsType.LISTENER || extensions.size() == 0) {
      return new Shown(resource.any(), Optional.empty());
    }
    return parsed(resource)
        .map(Listener.class::cast)
        .filter(listener -> !listener.isWhole() && discovery.missing(listener).isEmpty())
        .map(listener -> new Shown(ResourceEncoder.encode(discovery.whole(listener)), refused))
        .orElseGet(() -> new Shown(resource.any(), Optional.empty()));
  }
}
