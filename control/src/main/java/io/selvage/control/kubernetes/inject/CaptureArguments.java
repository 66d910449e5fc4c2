package io.selvage.control.kubernetes.inject;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command line of {@code selvage capture} in a Pod: only what differs from its defaults. */
final class CaptureArguments {
  private CaptureArguments() {}

  static List<String> read(AnnotationReader from, int statusPort, ProxyDefaults installations) {
    List<String> all = new ArrayList<>();
    add(all, "--include-inbound-ports", from.ports(Annotation.INCLUDE_INBOUND_PORTS, true));
    Optional<String> excluded =
        from.ports(Annotation.EXCLUDE_INBOUND_PORTS, false)
            .or(installations::excludeInboundPorts)
            .filter(ports -> !ports.isEmpty());
    String open = "15021,15090," + statusPort;
    add(
        all,
        "--exclude-inbound-ports",
        Optional.of(excluded.map(ports -> open + "," + ports).orElse(open)));
    add(
        all,
        "--include-outbound-ranges",
        from.ranges(Annotation.INCLUDE_OUTBOUND_RANGES, true).or(installations::includeRanges));
    add(
        all,
        "--exclude-outbound-ranges",
        from.ranges(Annotation.EXCLUDE_OUTBOUND_RANGES, false).or(installations::excludeRanges));
    add(all, "--include-outbound-ports", from.ports(Annotation.INCLUDE_OUTBOUND_PORTS, false));
    add(
        all,
        "--exclude-outbound-ports",
        from.ports(Annotation.EXCLUDE_OUTBOUND_PORTS, false)
            .or(installations::excludeOutboundPorts));
    add(all, "--exclude-interfaces", from.interfaces(Annotation.EXCLUDE_INTERFACES));
    Optional<String> kubevirt = from.interfaces(Annotation.KUBEVIRT_INTERFACES);
    add(
        all,
        "--reroute-interfaces",
        from.interfaces(Annotation.REROUTE_INTERFACES).or(() -> kubevirt));
    return all;
  }

  private static void add(List<String> all, String option, Optional<String> value) {
    value.ifPresent(text -> all.add(option + "=" + text));
  }
}
