package io.selvage.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads Istio's MeshNetworks. */
final class MeshNetworksReader {
  private MeshNetworksReader() {}

  static MeshNetworks read(Fields top) {
    Map<String, MeshNetworks.Network> networks = new LinkedHashMap<>();
    Fields all = top.objectOrNone("networks");
    for (String name : all.names()) {
      all.object(name).ifPresent(fields -> networks.put(name, network(fields)));
    }
    top.finish();
    return new MeshNetworks(networks);
  }

  private static MeshNetworks.Network network(Fields fields) {
    List<String> cidrs = new ArrayList<>();
    List<String> registries = new ArrayList<>();
    for (Fields endpoints : fields.objects("endpoints")) {
      endpoints.text("fromCidr").ifPresent(block -> cidr(endpoints, block, cidrs));
      endpoints.text("fromRegistry").ifPresent(registries::add);
      endpoints.finish();
    }
    List<MeshNetworks.Gateway> gateways =
        fields.objects("gateways").stream().map(MeshNetworksReader::gateway).toList();
    fields.finish();
    return new MeshNetworks.Network(cidrs, registries, gateways);
  }

  private static void cidr(Fields fields, String block, List<String> cidrs) {
    if (IpAddresses.isAddressOrBlock(block) && block.contains("/")) {
      cidrs.add(block);
    } else {
      fields.refuse("fromCidr", "\"%s\" is no block of addresses".formatted(block));
    }
  }

  private static MeshNetworks.Gateway gateway(Fields fields) {
    MeshNetworks.Gateway gateway =
        new MeshNetworks.Gateway(
            fields.text("address", ""),
            fields.text("registryServiceName", ""),
            fields.port("port").orElse(0));
    fields.notEnforced("locality").finish();
    if (gateway.address().isEmpty() == gateway.service().isEmpty()) {
      fields.refuse("address", "give one of address and registryServiceName");
    }
    if (gateway.port() == 0) {
      fields.error(ProblemCodes.MISSING_FIELD, "port", "is required");
    }
    return gateway;
  }
}
