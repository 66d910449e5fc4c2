package io.selvage.model;

import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import io.selvage.model.Sidecar.Egress;
import io.selvage.model.Sidecar.Host;
import io.selvage.model.Sidecar.Ingress;
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
      Pattern.compile(
          "\\*|\\*\\." + LABEL + "(\\." + LABEL + ")*|" + LABEL + "(\\." + LABEL + ")+");
  private static final Pattern NAMESPACE = Pattern.compile("\\*|\\.|" + LABEL);

  private SidecarReader() {}

  static Sidecar read(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    List<Fields> ingress = spec.objects("ingress");
    for (Fields listener : ingress) {
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
            ingress(ingress),
            spec.object("outboundTrafficPolicy").map(SidecarReader::outbound));
    boolean pool = spec.has("inboundConnectionPool");
    spec.notEnforced("ingress", "inboundConnectionPool").finish();
    if (sidecar.egress().isEmpty()
        && sidecar.outboundTrafficPolicy().isEmpty()
        && !pool
        && ingress.isEmpty()) {
      spec.refuse("egress", "a Sidecar needs egress, outboundTrafficPolicy or ingress");
    }
    return sidecar;
  }

  /** Those with a number; a unix socket has none. */
  private static List<Ingress> ingress(List<Fields> listeners) {
    List<Ingress> all = new ArrayList<>();
    for (Fields listener : listeners) {
      Fields port = listener.objectOrNone("port");
      String word = port.text("protocol", "");
      PortProtocol protocol =
          word.equalsIgnoreCase("HTTP_PROXY") ? PortProtocol.HTTP : PortProtocol.named(word);
      port.number("number", 0, 65535).stream()
          .filter(number -> number > 0)
          .forEach(number -> all.add(new Ingress(number, protocol)));
    }
    return all;
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
    Set<Integer> ports = new HashSet<>();
    List<Fields> written = spec.objects("egress");
    for (Fields fields : written) {
      boolean last = all.size() + 1 == written.size();
      all.add(egress(fields, ports, last));
    }
    return all;
  }

  private static Egress egress(Fields fields, Set<Integer> ports, boolean last) {
    String bind = fields.text("bind", "");
    Optional<String> capture = fields.choice("captureMode", List.of("DEFAULT", "IPTABLES", "NONE"));
    Optional<Port> port = fields.object("port").map(one -> port(one, bind));
    boolean captured = bind.isEmpty() && !capture.equals(Optional.of("NONE"));
    if (!captured) {
      fields.notEnforced("bind", "captureMode");
    }
    if (port.isEmpty() && !last) {
      fields.refuse("port", "only the last one may be without a port");
    }
    int number = port.map(Port::number).orElse(0);
    if (number > 0 && !ports.add(number)) {
      fields.refuse("port", number + " is given twice");
    }
    boolean generic = port.map(Port::isGeneric).orElse(false);
    Egress egress =
        new Egress(
            number == 0 || generic ? OptionalInt.empty() : OptionalInt.of(number),
            captured && !generic,
            hosts(fields));
    fields.finish();
    return egress;
  }

  /**
   * A listener's port.
   *
   * @param number 0 for a unix socket
   */
  private record Port(int number, String protocol) {
    /** Whether hosts of all ports are called through it. */
    boolean isGeneric() {
      return number == 0 || protocol.equalsIgnoreCase("HTTP_PROXY");
    }
  }

  private static Port port(Fields fields, String bind) {
    Port port = new Port(fields.number("number", 0, 65535).orElse(0), fields.required("protocol"));
    PortProtocolName.check(fields, port.protocol(), PortProtocolName.OF_LISTENERS);
    if (port.number() == 0 && !bind.startsWith("unix://")) {
      fields.refuse("number", "is required where bind is no unix socket");
    }
    if (fields.count("targetPort").orElse(0) > 0) {
      fields.refuse("targetPort", "has no effect in a Sidecar; remove it");
    }
    fields.skip("name").notEnforced("protocol").finish();
    return port;
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
