package io.selvage.model;

import io.selvage.model.ServiceEntry.Location;
import io.selvage.model.ServiceEntry.Port;
import io.selvage.model.ServiceEntry.Resolution;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code networking.istio.io} ServiceEntry and WorkloadEntry. */
final class ServiceEntryReader {
  /** Kubernetes' syntax of a label's value, and of its name without prefix. */
  private static final Pattern LABEL_NAME =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");

  private static final Pattern LABEL_PREFIX =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private static final Pattern HOST =
      Pattern.compile(
          "(\\*\\.|\\*-)?[a-zA-Z0-9_]([-a-zA-Z0-9_]*)(\\.[a-zA-Z0-9_][-a-zA-Z0-9_]*)*\\.?");

  /** As the CRD of Istio has it. */
  private static final int MOST_HOSTS = 256;

  private ServiceEntryReader() {}

  static ServiceEntry read(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    ServiceEntry entry =
        new ServiceEntry(
            meta,
            spec.texts("hosts"),
            spec.texts("addresses"),
            spec.objects("ports").stream().map(ServiceEntryReader::port).toList(),
            spec.choice("location", Location.class).orElse(Location.MESH_EXTERNAL),
            spec.choice("resolution", Resolution.class).orElse(Resolution.NONE),
            spec.objects("endpoints").stream().map(ServiceEntryReader::endpoint).toList(),
            SelectorReader.labels(spec, "workloadSelector", "labels"),
            spec.texts("exportTo"),
            spec.texts("subjectAltNames"));
    spec.finish();
    TrafficDistribution.check(meta, top);
    checkHosts(spec, entry);
    checkPorts(spec, entry);
    checkEndpoints(spec, entry);
    return entry;
  }

  private static Port port(Fields fields) {
    OptionalInt number = fields.port("number");
    if (!fields.has("number")) {
      fields.error(ProblemCodes.MISSING_FIELD, "number", "is required");
    }
    Port port =
        new Port(
            number.orElse(0),
            fields.required("name"),
            fields.text("protocol", ""),
            fields.port("targetPort").orElse(number.orElse(0)),
            fields.at());
    PortProtocolName.check(fields, port.protocol(), PortProtocolName.OF_SERVICES);
    fields.finish();
    return port;
  }

  private static void checkHosts(Fields spec, ServiceEntry entry) {
    if (entry.hosts().isEmpty()) {
      spec.refuse("hosts", "needs at least one host");
    }
    if (entry.hosts().size() > MOST_HOSTS) {
      spec.refuse("hosts", "are %d, more than %d".formatted(entry.hosts().size(), MOST_HOSTS));
    }
    for (String host : entry.hosts()) {
      if (!HOST.matcher(host).matches()) {
        spec.refuse("hosts", "\"%s\" is not a host name".formatted(host));
      }
    }
    for (String address : entry.addresses()) {
      if (!IpAddresses.isAddressOrBlock(address)) {
        spec.refuse("addresses", "\"%s\" is not an IP address or block".formatted(address));
      }
    }
  }

  private static void checkPorts(Fields spec, ServiceEntry entry) {
    Set<String> names = new HashSet<>();
    Set<Integer> numbers = new HashSet<>();
    for (Port port : entry.ports()) {
      if (!names.add(port.name()) || !numbers.add(port.number())) {
        spec.refuse("ports", "%s (%d) is given twice".formatted(port.name(), port.number()));
      }
    }
    for (Endpoint endpoint : entry.endpoints()) {
      for (String name : endpoint.ports().keySet()) {
        if (!names.contains(name)) {
          spec.refuse("endpoints", "there is no port \"%s\" in spec.ports".formatted(name));
        }
      }
    }
  }

  private static void checkEndpoints(Fields spec, ServiceEntry entry) {
    boolean some = !entry.endpoints().isEmpty();
    if (some && entry.workloadSelector().isPresent()) {
      spec.refuse("workloadSelector", "cannot stand beside endpoints");
    }
    switch (entry.resolution()) {
      case NONE -> {
        if (some) {
          spec.refuse("endpoints", "cannot be given with resolution NONE");
        }
      }
      case STATIC ->
          entry.endpoints().stream()
              .map(Endpoint::address)
              .filter(a -> !IpAddresses.isAddress(a) && !a.startsWith("unix://"))
              .forEach(
                  a ->
                      spec.refuse(
                          "endpoints",
                          "\"%s\" is not an IP address, as STATIC needs".formatted(a)));
      case DNS -> {}
      case DNS_ROUND_ROBIN -> {
        if (entry.endpoints().size() > 1) {
          spec.refuse("endpoints", "DNS_ROUND_ROBIN has at most one");
        }
      }
      case DYNAMIC_DNS -> {
        if (some || entry.hosts().stream().anyMatch(host -> !host.startsWith("*"))) {
          spec.refuse("hosts", "DYNAMIC_DNS needs wildcard hosts and no endpoints");
        }
      }
    }
  }

  static WorkloadEntry readWorkloadEntry(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    return new WorkloadEntry(meta, endpoint(spec));
  }

  private static Endpoint endpoint(Fields fields) {
    Endpoint endpoint =
        new Endpoint(
            fields.text("address", ""),
            fields.portMap("ports"),
            fields.textMap("labels"),
            fields.text("serviceAccount", ""),
            fields.text("network", ""),
            fields.text("locality", ""),
            fields.count("weight").orElse(0),
            fields.at());
    fields.finish();
    checkAddress(fields, endpoint);
    String account = endpoint.serviceAccount();
    if (!account.isEmpty() && !LABEL_PREFIX.matcher(account).matches()) {
      fields.refuse("serviceAccount", "\"%s\" is no name of one".formatted(account));
    }
    endpoint.labels().forEach((label, value) -> checkLabel(fields, label, value));
    return endpoint;
  }

  /** As Kubernetes has them: nobody else looks at labels that stand in a spec. */
  private static void checkLabel(Fields fields, String label, String value) {
    int slash = label.indexOf('/');
    String prefix = slash < 0 ? "a" : label.substring(0, slash);
    if (!LABEL_PREFIX.matcher(prefix).matches()
        || !LABEL_NAME.matcher(label.substring(slash + 1)).matches()) {
      fields.refuse("labels", "\"%s\" is no name of a label".formatted(label));
    }
    if (!value.isEmpty() && !LABEL_NAME.matcher(value).matches()) {
      fields.refuse("labels", "\"%s\" of %s is no value of a label".formatted(value, label));
    }
  }

  private static void checkAddress(Fields fields, Endpoint endpoint) {
    String address = endpoint.address();
    if (address.isEmpty()) {
      if (endpoint.network().isEmpty()) {
        fields.refuse("address", "is required where there is no network");
      }
    } else if (endpoint.isSocket()) {
      fields.warning(
          ProblemCodes.NOT_ENFORCED,
          "address",
          "is a unix socket, which Istio calls; it is left out here");
      if (!endpoint.ports().isEmpty()) {
        fields.refuse("ports", "a unix socket has none");
      }
    } else if (!IpAddresses.isAddress(address) && !HOST.matcher(address).matches()) {
      fields.refuse("address", "\"%s\" is neither an IP address nor a host".formatted(address));
    }
  }
}
