package io.selvage.xds.resource;

import io.selvage.policy.Authorization;

/**
 * An RBAC filter that listeners name and do not hold ({@code
 * envoy.config.core.v3.TypedExtensionConfig}, ECDS): whoever changes what it asks need not change
 * the listeners.
 *
 * @param name by which filters ask for it
 * @param layer which filter it is for
 * @param stage its rules; without any it lets everything pass
 */
public record ExtensionConfig(String name, Layer layer, Authorization.Stage.Rbac stage)
    implements XdsResource {

  /** What an RBAC filter sees. */
  public enum Layer {
    /** Requests ({@code envoy.filters.http.rbac}). */
    HTTP,
    /** Connections ({@code envoy.filters.network.rbac}). */
    NETWORK
  }
}
