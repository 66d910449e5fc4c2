package io.selvage.control.kubernetes.install;

import io.selvage.control.kubernetes.inject.ClusterYaml;
import io.selvage.control.kubernetes.install.ManifestObject.Kept;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The objects of the gateway by which a cluster's network is reached from the others: our proxy as
 * {@code istio-eastwestgateway}, and the Gateway {@code cross-network-gateway} that has it pass on
 * mTLS to every service whose host ends in {@code .local}.
 */
public final class EastWestGateway {
  private static final String TEMPLATE = "east-west-gateway.yaml";

  private EastWestGateway() {}

  /**
   * In the order in which they are applied. The Gateway is left as it is where it is there: whoever
   * runs the mesh may expose less.
   *
   * @param of the installation that it belongs to
   * @throws IllegalArgumentException when that says no network: there would be nothing to reach
   */
  public static List<ManifestObject> objects(Manifest of) {
    InstallSettings settings = of.settings();
    if (settings.network().isEmpty()) {
      throw new IllegalArgumentException("a gateway between networks needs the network's name");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("namespace", of.namespace());
    values.put("version", of.version());
    values.put("image", of.image());
    values.put("cluster", settings.cluster());
    values.put("network", settings.network());
    values.put("meshId", settings.meshId());
    values.put("imagePullSecrets", of.imagePullSecrets());
    return Template.fill(TEMPLATE, values).stream()
        .map(
            content ->
                ManifestObject.labelled(
                    content,
                    content.path("kind").asString().equals("Gateway")
                        ? Kept.MADE_ONCE
                        : Kept.APPLIED,
                    Map.of("app", "istio-eastwestgateway")))
        .toList();
  }

  /** As a text for {@code kubectl apply -f -}: those that are wanted. */
  public static String yaml(Manifest of, Predicate<ManifestObject> wanted) {
    return ClusterYaml.write(
        objects(of).stream().filter(wanted).map(ManifestObject::content).toList());
  }
}
