package io.selvage.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the kinds of Kubernetes' own that a mesh is made from, as far as it needs them. */
final class CoreReader {
  private static final List<String> TRANSPORTS = List.of("TCP", "UDP", "SCTP");

  private CoreReader() {}

  /** Fields that are no business of a mesh are not looked at. */
  static Service readService(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    checkLabel(meta, top, "Service");
    List<Fields> ports = spec.objects("ports");
    Optional<String> externalName = externalName(spec);
    TrafficDistribution.check(meta, top);
    return new Service(
        meta,
        ports.stream().map(port -> port(port, ports.size() > 1)).toList(),
        externalName.isPresent() ? Map.of() : spec.textMap("selector"),
        spec.text("clusterIP").filter(ip -> ip.equals("None") || IpAddresses.isAddress(ip)),
        external(top, spec),
        externalName,
        TrafficDistribution.written(spec.text("trafficDistribution"), meta.annotations()),
        spec.text("internalTrafficPolicy", "").equals("Local"));
  }

  /** As DNS compares it: a dot at its end says no more than that it is a full name. */
  private static Optional<String> externalName(Fields spec) {
    if (!spec.text("type", "ClusterIP").equals("ExternalName")) {
      return Optional.empty();
    }
    String written = spec.text("externalName", "").toLowerCase(Locale.ROOT);
    return Optional.of(
        written.endsWith(".") ? written.substring(0, written.length() - 1) : written);
  }

  private static List<String> external(Fields top, Fields spec) {
    List<String> addresses = new ArrayList<>();
    if (spec.text("type", "").equals("LoadBalancer")) {
      for (Fields ingress :
          top.objectOrNone("status").objectOrNone("loadBalancer").objects("ingress")) {
        ingress
            .text("ip")
            .filter(ip -> !ip.isEmpty())
            .or(() -> ingress.text("hostname").filter(name -> !name.isEmpty()))
            .ifPresent(addresses::add);
      }
    }
    addresses.addAll(spec.texts("externalIPs"));
    return addresses;
  }

  private static Service.Port port(Fields fields, boolean several) {
    OptionalInt number = fields.port("port");
    if (!fields.has("port")) {
      fields.error(ProblemCodes.MISSING_FIELD, "port", "is required");
    }
    String name = several ? fields.required("name") : fields.text("name", "");
    Service.Port port =
        new Service.Port(
            name,
            number.orElse(0),
            fields.textOrNumber("targetPort").orElse(String.valueOf(number.orElse(0))),
            fields.choice("protocol", TRANSPORTS).orElse("TCP"),
            fields.text("appProtocol", ""),
            fields.at());
    boolean digits = !port.targetPort().isEmpty() && port.targetPort().matches("-?[0-9]+");
    if (digits && !port.targetPort().matches("[1-9][0-9]{0,4}")) {
      fields.refuse("targetPort", "must be a port's name or a number from 1 to 65535");
    }
    fields.skip("nodePort").finish();
    return port;
  }

  /** Its name is a part of host names: one with a dot could be another host's. */
  private static void checkLabel(ObjectMeta meta, Fields top, String kind) {
    if (meta.name().indexOf('.') >= 0) {
      top.objectOrNone("metadata")
          .refuse("name", "\"%s\" is no name of a %s".formatted(meta.name(), kind));
    }
  }

  static Namespace readNamespace(ObjectMeta meta, Fields top) {
    checkLabel(meta, top, "Namespace");
    top.skip("spec").finish();
    TrafficDistribution.check(meta, top);
    return new Namespace(meta);
  }

  static ServiceAccount readServiceAccount(ObjectMeta meta, Fields top) {
    top.skip("secrets", "imagePullSecrets", "automountServiceAccountToken").finish();
    return new ServiceAccount(meta);
  }
}
