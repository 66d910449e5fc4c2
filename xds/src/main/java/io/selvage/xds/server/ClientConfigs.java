package io.selvage.xds.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import io.selvage.xds.admin.ConfigDumpBuilder;
import java.util.List;

/**
 * How far clients are, in the words of the client status discovery service ({@code
 * envoy.service.status.v3.ClientConfig}): one entry for each type that a client asked for.
 */
final class ClientConfigs {
  /** What istioctl shows of a node. */
  private static final List<String> SHOWN = List.of("CLUSTER_ID", "NAMESPACE", "ISTIO_VERSION");

  private ClientConfigs() {}

  static ClientConfig of(ClientStatus client) {
    ClientConfig.Builder to = ClientConfig.newBuilder().setNode(node(client));
    client.types().stream()
        .filter(ClientStatus.TypeStatus::subscribed)
        .map(ClientConfigs::type)
        .forEach(to::addGenericXdsConfigs);
    return to.build();
  }

  private static Node node(ClientStatus client) {
    Struct.Builder metadata = Struct.newBuilder();
    SHOWN.stream()
        .filter(client.metadata()::containsKey)
        .forEach(
            name ->
                metadata.putFields(
                    name, Value.newBuilder().setStringValue(client.metadata().get(name)).build()));
    return Node.newBuilder().setId(client.nodeId()).setMetadata(metadata).build();
  }

  private static GenericXdsConfig type(ClientStatus.TypeStatus type) {
    GenericXdsConfig.Builder to =
        GenericXdsConfig.newBuilder()
            .setTypeUrl(type.type().url())
            .setVersionInfo(type.sentVersion())
            .setConfigStatus(
                switch (type.state()) {
                  case NOT_SENT -> ConfigStatus.NOT_SENT;
                  case SYNCED -> ConfigStatus.SYNCED;
                  case STALE -> ConfigStatus.STALE;
                  case NACKED -> ConfigStatus.ERROR;
                });
    type.sentAt().map(ConfigDumpBuilder::timestamp).ifPresent(to::setLastUpdated);
    type.currentNack()
        .ifPresent(
            nack ->
                to.setErrorState(
                    UpdateFailureState.newBuilder()
                        .setDetails(nack.detail())
                        .setVersionInfo(nack.version())
                        .setLastUpdateAttempt(ConfigDumpBuilder.timestamp(nack.at()))));
    return to.build();
  }
}
