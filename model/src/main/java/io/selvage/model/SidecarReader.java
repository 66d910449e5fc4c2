package io.selvage.model;

import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import io.selvage.model.Sidecar.Egress;
import io.selvage.model.Sidecar.Host;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code networking.istio.io} Sidecar: what is imported is enforced, listeners of its own are
 * not. TLS of its own at a port may keep requests out, so a Sidecar that has some is refused.
 */
final class SidecarReader {
  private static final String LABEL = "[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?";
  private static final Pattern NAME =
      Pattern.compile("\\*|\\*\\." + LABEL + "(\\." + LABEL + ")*|" + LABEL + "(\\." + LABEL + ")+");
  private static final Pattern NAMESPACE = Pattern.compile("\\*|\\.|" + LABEL);
  private static final List<String> PROTOCOLS =
      List.of(
          "HTTP",
          "HTTPS",
          "HTTP2",
          "HTTP_PROXY",
          "GRPC",
          "GRPC-WEB",
          "TLS",
          "TCP",
          "UDP",
          "MONGO",
          "REDIS",
          "MYSQL");

  private SidecarReader() {}

  static Sidecar read(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    for (Fields listener : spec.objects("ingress")) {
      if (listener.has("tls")) {
        listener.refuse(
            "tls", "is not implemented, and without it the port would take what it may keep out");
      }
    }
    Sidecar sidecar =
        new Sidecar(
            meta,
            SelectorReader.labels(spec, "workloadSelector", "labels"),
            egress(spec),
            spec.object("outboundTrafficPolicy").map(SidecarReader::outbound));
    boolean pool = spec.has("inboundConnectionPool");
    spec.notEnforced("ingress", "inboundConnectionPool").finish();
    if (sidecar.egress().isEmpty()
        && sidecar.outboundTrafficPolicy().isEmpty()
        && !pool
        && spec.objects("ingress").isEmpty()) {
      spec.refuse("egress", "a Sidecar needs egress, outboundTrafficPolicy or ingress");
    }
    return sidecar;
  }

  /** The API's own default is the one with number 0. */
  private static OutboundTrafficPolicy outbound(Fields fields) {
    OutboundTrafficPolicy mode =
        fields
            .choice("mode", OutboundTrafficPolicy.class)
            .orElse(OutboundTrafficPolicy.REGISTRY_ONLY);
    fields.notEnforced("egressProxy").finish();
    return mode;
  }

  private static List<Egress> egress(Fields spec) {
    List<Egress> all = new ArrayList<>();
    List<Fields> written = spec.objects("egress");
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < written.size(); i++) {
      Fields fields = written.get(i);
      all.add(egress(fields));
      Optional<Fields> port = fields.object("port");
      if (port.isEmpty() && i + 1 < written.size()) {
        fields.refuse("port", "only the last one may be without a port");
      }
      OptionalInt number = port.map(one -> one.port("number")).orElse(OptionalInt.empty());
      if (number.isPresent() && !ports.add(number.getAsInt())) {
        fields.refuse("port", number.getAsInt() + " is given twice");
      }
    }
    return all;
  }

  private static Egress egress(Fields fields) {
    String bind = fields.text("bind", "");
    Optional<String> capture =
        fields.choice("captureMode", List.of("DEFAULT", "IPTABLES", "NONE"));
    boolean captured = bind.isEmpty() && !capture.equals(Optional.of("NONE"));
    if (!captured) {
      fields.notEnforced("bind", "captureMode");
    }
    Optional<Fields> port = fields.object("port");
    boolean generic = port.map(one -> genericPort(one, bind)).orElse(false);
    OptionalInt number =
        port.filter(one -> !generic)
            .map(one -> one.number("number", 0, 65535))
            .orElse(OptionalInt.empty());
    Egress egress = new Egress(number, captured && !generic, hosts(fields));
    fields.finish();
    return egress;
  }

  /** Reads a port; returns whether hosts of all ports are called through it. */
  private static boolean genericPort(Fields port, String bind) {
    String protocol = port.required("protocol");
    if (!protocol.isEmpty() && PROTOCOLS.stream().noneMatch(protocol::equalsIgnoreCase)) {
      port.refuse(
          "protocol", "\"%s\" is not one of %s".formatted(protocol, String.join(", ", PROTOCOLS)));
    }
    OptionalInt number = port.number("number", 0, 65535);
    boolean socket = number.orElse(0) == 0;
    if (socket && !bind.startsWith("unix://")) {
      port.refuse("number", "is required where bind is no unix socket");
    }
    if (port.count("targetPort").orElse(0) > 0) {
      port.refuse("targetPort", "has no effect in a Sidecar; remove it");
    }
    port.skip("name").notEnforced("protocol").finish();
    return socket || protocol.equalsIgnoreCase("HTTP_PROXY");
  }

  private static List<Host> hosts(Fields fields) {
    FieldValues values = fields.values("hosts");
    if (values.values().isEmpty()) {
      fields.error(ProblemCodes.MISSING_FIELD, "hosts", "needs at least one");
    }
    List<Host> hosts = new ArrayList<>();
    for (int i = 0; i < values.values().size(); i++) {
      String text = values.values().get(i);
      boolean excluded = text.startsWith("~");
      String rest = excluded ? text.substring(1) : text;
      int slash = rest.indexOf('/');
      String namespace = slash < 0 ? "" : rest.substring(0, slash);
      String name = rest.substring(slash + 1);
      if (excluded && slash == 0) {
        namespace = "*";
      }
      if (!NAMESPACE.matcher(namespace).matches() || !NAME.matcher(name).matches()) {
        fields.refuse(
            "hosts",
            i,
            values.locations().get(i),
            "\"%s\" is not NAMESPACE/NAME, with *, . or a namespace before the slash, and *, *.suffix or a full host after it"
                .formatted(text));
      }
      hosts.add(new Host(excluded, namespace, name));
    }
    return hosts;
  }
}
