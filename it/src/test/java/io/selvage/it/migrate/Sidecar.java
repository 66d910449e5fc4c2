package io.selvage.it.migrate;

import io.selvage.it.istiod.AgentSidecar;
import io.selvage.proxy.join.JoinedProxy;

/** A workload's proxy, whoever made it. */
interface Sidecar extends AutoCloseable {
  /** Whether it would send requests to that address. */
  boolean sendsTo(String address) throws Exception;

  @Override
  void close();

  /** Istio's. */
  record Istios(AgentSidecar agent) implements Sidecar {
    @Override
    public boolean sendsTo(String address) throws InterruptedException {
      return agent.admin("/clusters").contains("::" + address + ":");
    }

    @Override
    public void close() {
      agent.close();
    }
  }

  /** Ours. */
  record Ours(JoinedProxy joined) implements Sidecar {
    @Override
    public boolean sendsTo(String address) {
      return joined.proxy().resources().endpoints().values().stream()
          .flatMap(assignment -> assignment.localities().stream())
          .flatMap(locality -> locality.endpoints().stream())
          .anyMatch(endpoint -> endpoint.address().equals(address));
    }

    @Override
    public void close() {
      joined.close();
    }
  }
}
