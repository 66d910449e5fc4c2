package io.selvage.xds.parse;

import com.google.protobuf.Descriptors;
import io.envoyproxy.envoy.config.core.v3.ExtensionConfigSource;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.selvage.policy.Authorization;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.ExtensionConfig.Layer;
import java.util.List;
import java.util.Optional;

/** RBAC filters that come by ECDS, and the filters that stand for them in listeners. */
final class ExtensionParser {
  private static final String HTTP = RBAC.getDescriptor().getFullName();
  private static final Authorization.Stage.Rbac NOTHING =
      new Authorization.Stage.Rbac(Optional.empty(), Optional.empty());

  private ExtensionParser() {}

  /**
   * The name of what a filter stands for.
   *
   * @param name the filter's
   * @param filter the only type that it may be of
   */
  static String name(
      String name, ExtensionConfigSource from, Descriptors.Descriptor filter, At at) {
    String only = EnvoyNames.typeUrl(filter.getFullName());
    if (!from.getTypeUrlsList().equals(List.of(only))) {
      at.field("config_discovery")
          .field("type_urls")
          .refuse(
              "is "
                  + At.quote(String.join(", ", from.getTypeUrlsList()))
                  + "; only "
                  + only
                  + " is understood");
    }
    return Values.filled(name, at.field("name"));
  }

  static ExtensionConfig parse(TypedExtensionConfig from, At at) {
    At config = at.field("typed_config");
    if (Values.typeName(from.getTypedConfig()).equals(HTTP)) {
      StageCollector stages = new StageCollector(EnvoyNames.HTTP_RBAC);
      stages.rbac(config.unpack(from.getTypedConfig(), RBAC.getDefaultInstance()), config);
      return new ExtensionConfig(from.getName(), Layer.HTTP, only(stages, config));
    }
    StageCollector stages = new StageCollector(EnvoyNames.NETWORK_RBAC);
    stages.rbac(
        config.unpack(
            from.getTypedConfig(),
            io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDefaultInstance()),
        config);
    return new ExtensionConfig(from.getName(), Layer.NETWORK, only(stages, config));
  }

  private static Authorization.Stage.Rbac only(StageCollector stages, At at) {
    List<Authorization.Stage> all = stages.finish().stages();
    if (all.size() == 1 && all.getFirst() instanceof Authorization.Stage.Rbac rbac) {
      return rbac;
    }
    at.refuse("belongs to an external authorizer, which is not understood apart from its listener");
    return NOTHING;
  }
}
