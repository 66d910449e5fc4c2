package io.selvage.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads EndpointSlices, as far as a mesh needs them. */
final class EndpointSliceReader {
  private static final String SERVICE = "kubernetes.io/service-name";
  private static final List<String> FAMILIES = List.of("IPv4", "IPv6", "FQDN");

  private EndpointSliceReader() {}

  /** Slices of names ({@code FQDN}) have no endpoints here, as in Istio: nobody can connect. */
  static EndpointSlice read(ObjectMeta meta, Fields top) {
    String family = top.choice("addressType", FAMILIES).orElse("");
    if (!top.has("addressType")) {
      top.error(ProblemCodes.MISSING_FIELD, "addressType", "is required");
    }
    List<EndpointSlice.SliceEndpoint> endpoints =
        top.objects("endpoints").stream()
            .map(fields -> endpoint(fields, family.equals("FQDN")))
            .toList();
    List<EndpointSlice.Port> ports = new ArrayList<>();
    for (Fields port : top.objects("ports")) {
      OptionalInt number = port.port("port");
      number.ifPresent(n -> ports.add(new EndpointSlice.Port(port.text("name", ""), n)));
    }
    top.finish();
    return new EndpointSlice(
        meta,
        meta.labels().getOrDefault(SERVICE, ""),
        family.equals("FQDN") ? List.of() : endpoints,
        ports);
  }

  private static EndpointSlice.SliceEndpoint endpoint(Fields fields, boolean names) {
    List<String> addresses = fields.texts("addresses");
    if (addresses.isEmpty()) {
      fields.error(ProblemCodes.MISSING_FIELD, "addresses", "is required");
    }
    if (!names && !addresses.stream().allMatch(IpAddresses::isAddress)) {
      fields.refuse("addresses", "have one that is no IP address");
    }
    Fields target = fields.objectOrNone("targetRef");
    return new EndpointSlice.SliceEndpoint(
        addresses,
        fields.objectOrNone("conditions").flag("ready", true),
        target.text("kind", "").equals("Pod") ? target.text("name", "") : "",
        fields.text("zone", ""));
  }
}
