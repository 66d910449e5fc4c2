package io.selvage.proxy;

import io.selvage.proxy.identity.WorkloadIdentity;
import io.selvage.xds.client.ConfigListener;
import io.selvage.xds.client.ConfigRejected;
import io.selvage.xds.client.ProxyConfig;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.util.List;

/**
 * Hands what a control plane says to a workload's proxy: key material first, so that no listener
 * opens without it, then everything else. The workload's own certificate and the mesh's roots
 * belong to its identity; other secrets are taken as they come.
 */
public final class ControlPlaneLink implements ConfigListener {
  private final WorkloadProxy proxy;
  private final WorkloadIdentity identity;

  public ControlPlaneLink(WorkloadProxy proxy, WorkloadIdentity identity) {
    this.proxy = proxy;
    this.identity = identity;
  }

  @Override
  public void onConfig(ProxyConfig config) throws ConfigRejected {
    for (Secret secret : config.secrets().values()) {
      switch (secret) {
        case Secret.Validation trusted when trusted.name().equals(TlsSettings.TRUST_BUNDLE) ->
            identity.rootsFromControlPlane(trusted);
        case Secret.Certificate(String name, var _)
            when name.equals(TlsSettings.WORKLOAD_CERTIFICATE) -> {}
        case Secret.Validation _, Secret.Certificate _ -> proxy.keyMaterial().put(secret);
      }
    }
    try {
      proxy.apply(
          new ProxyResources(
              config.listeners(), config.routes(), config.clusters(), config.endpoints()));
    } catch (IOException e) {
      throw new ConfigRejected(List.of(String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      throw new ConfigRejected(
          List.of("the configuration of " + proxy.spec().name() + " cannot be used: " + e));
    }
  }
}
