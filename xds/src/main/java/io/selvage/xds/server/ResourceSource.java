package io.selvage.xds.server;

/** What nodes should have. Called from several threads, once for each client and push: be quick. */
@FunctionalInterface
public interface ResourceSource {
  /** The newest snapshot for a node. */
  NodeSnapshot snapshot(NodeIdentity node);
}
