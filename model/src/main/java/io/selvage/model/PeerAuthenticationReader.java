package io.selvage.model;

import io.selvage.model.PeerAuthentication.Mode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads {@code security.istio.io} PeerAuthentication. */
final class PeerAuthenticationReader {
  private PeerAuthenticationReader() {}

  static PeerAuthentication read(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    Optional<WorkloadSelector> selector = SelectorReader.selector(spec);
    Mode mode = spec.object("mtls").map(PeerAuthenticationReader::mode).orElse(Mode.UNSET);
    Map<Integer, Mode> ports = ports(spec);
    spec.finish();
    PeerAuthentication policy = new PeerAuthentication(meta, selector, mode, ports);
    if (spec.has("portLevelMtls") && !policy.selectsSome()) {
      spec.refuse("portLevelMtls", "needs a selector: ports are those of chosen workloads");
    }
    return policy;
  }

  private static Map<Integer, Mode> ports(Fields spec) {
    Map<Integer, Mode> ports = new LinkedHashMap<>();
    Optional<Fields> fields = spec.object("portLevelMtls");
    if (fields.isEmpty()) {
      return ports;
    }
    if (fields.get().isEmpty()) {
      spec.refuse("portLevelMtls", "must name at least one port");
    }
    for (String key : fields.get().names()) {
      Optional<Mode> mode = fields.get().object(key).map(PeerAuthenticationReader::mode);
      if (key.matches("[1-9][0-9]{0,4}") && Integer.parseInt(key) <= 65535) {
        ports.put(Integer.parseInt(key), mode.orElse(Mode.UNSET));
      } else {
        fields.get().refuse(key, "is not a port from 1 to 65535");
      }
    }
    return ports;
  }

  private static Mode mode(Fields mtls) {
    Mode mode = mtls.choice("mode", Mode.class).orElse(Mode.UNSET);
    mtls.finish();
    return mode;
  }
}
