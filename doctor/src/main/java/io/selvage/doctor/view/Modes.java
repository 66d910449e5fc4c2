package io.selvage.doctor.view;

import io.selvage.doctor.Fix;
import io.selvage.doctor.ObjectRef;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.PeerAuthentication;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What decides whether a port takes plaintext, in words, and how it is made STRICT. */
public final class Modes {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String API = "security.istio.io/v1";

  private Modes() {}

  /** {@code PERMISSIVE by PeerAuthentication pay/default (namespace)}. */
  public static String words(EffectivePeerAuthentication effective) {
    return effective
        .decidedBy()
        .map(
            by ->
                "%s by %s (%s)"
                    .formatted(
                        effective.mode(),
                        ref(by),
                        effective.scope().name().toLowerCase(Locale.ROOT)))
        .orElse(
            effective.mode()
                + (effective.scope() == EffectivePeerAuthentication.Scope.DEFAULT
                    ? ", Istio's default"
                    : " in the probe's own namespace"));
  }

  public static ObjectRef ref(PeerAuthentication policy) {
    return new ObjectRef("PeerAuthentication", policy.meta().namespace(), policy.meta().name());
  }

  /**
   * What makes a port STRICT: the object that decides is changed, or where there is none the
   * namespace gets one.
   *
   * @param port the workload's own
   */
  public static Fix strict(EffectivePeerAuthentication effective, String namespace, int port) {
    if (effective.decidedBy().isEmpty()) {
      ObjectNode object = JSON.createObjectNode();
      object.put("apiVersion", API).put("kind", "PeerAuthentication");
      object.putObject("metadata").put("name", "default").put("namespace", namespace);
      object.putObject("spec").putObject("mtls").put("mode", "STRICT");
      return new Fix.Apply("demand mTLS of everybody who calls into " + namespace, object);
    }
    boolean ofPort = effective.scope() == EffectivePeerAuthentication.Scope.PORT;
    ObjectNode change = JSON.createObjectNode();
    change
        .put("op", "add")
        .put("path", ofPort ? "/spec/portLevelMtls/" + port + "/mode" : "/spec/mtls/mode")
        .put("value", "STRICT");
    ObjectRef object = ref(effective.decidedBy().get());
    return new Fix.Patch(
        "set %s to STRICT%s".formatted(object, ofPort ? " at port " + port : ""),
        API,
        object,
        JSON.createArrayNode().add(change));
  }
}
