package io.selvage.xds.encode;

import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.AccessLog;
import io.selvage.xds.resource.TlsSettings;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The protobuf forms of what many listeners have in common, such as the rules of a policy that
 * binds the whole mesh: each is made once. One thread at a time.
 */
public final class EncodedParts {
  /** Settings are few; where they are not, nothing is gained by keeping them. */
  private static final int MAX_SETTINGS = 256;

  private final Map<Same, Policy> rules = new HashMap<>();
  private final ReferenceQueue<RbacPolicy> gone = new ReferenceQueue<>();
  private final Map<AccessLog, io.envoyproxy.envoy.config.accesslog.v3.AccessLog> accessLogs =
      new HashMap<>();
  private final Map<TlsSettings.Downstream, TransportSocket> servers = new HashMap<>();

  /** A rule, told apart by identity, for as long as somebody else has it. */
  private static final class Same extends WeakReference<RbacPolicy> {
    private final int hash;

    Same(RbacPolicy rule, @Nullable ReferenceQueue<RbacPolicy> gone) {
      super(rule, gone);
      this.hash = System.identityHashCode(rule);
    }

    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      RbacPolicy rule = get();
      return rule != null && other instanceof Same that && that.get() == rule;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /** What a rule asks, without its id. */
  Policy rule(RbacPolicy rule) {
    for (Reference<?> left = gone.poll(); left != null; left = gone.poll()) {
      rules.remove(left);
    }
    Policy known = rules.get(new Same(rule, null));
    if (known == null) {
      known = RbacEncoder.policy(rule);
      rules.put(new Same(rule, gone), known);
    }
    return known;
  }

  io.envoyproxy.envoy.config.accesslog.v3.AccessLog accessLog(AccessLog settings) {
    bound(accessLogs);
    return accessLogs.computeIfAbsent(settings, AccessLogEncoder::encode);
  }

  /** The server's side of TLS. */
  TransportSocket server(TlsSettings.Downstream settings) {
    bound(servers);
    return servers.computeIfAbsent(settings, TlsEncoder::downstream);
  }

  private static void bound(Map<?, ?> settings) {
    if (settings.size() >= MAX_SETTINGS) {
      settings.clear();
    }
  }
}
