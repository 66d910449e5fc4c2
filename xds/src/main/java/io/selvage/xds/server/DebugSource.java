package io.selvage.xds.server;

import io.selvage.pki.SpiffeId;
import io.selvage.xds.admin.AdminPage;
import io.selvage.xds.admin.AdminRequest;
import java.util.Optional;

/**
 * What a control plane tells its operator over gRPC: who may ask, and istiod's debug pages. They
 * show the whole mesh, its policies among it, so no workload may ask by itself.
 */
public interface DebugSource {
  /** Tells nobody anything. */
  DebugSource NONE =
      new DebugSource() {
        @Override
        public boolean mayAsk(SpiffeId caller) {
          return false;
        }

        @Override
        public String instance() {
          return "{}";
        }

        @Override
        public Optional<AdminPage> page(String name, AdminRequest request) {
          return Optional.empty();
        }
      };

  /** Whether the one with this identity may ask; istiod's rule is that of the root namespace. */
  boolean mayAsk(SpiffeId caller);

  /** Who answers: istiod's {@code IstioControlPlaneInstance} as JSON. */
  String instance();

  /** The page that istiod has at {@code /debug/NAME}; empty when there is none of that name. */
  Optional<AdminPage> page(String name, AdminRequest request);
}
