package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Flavour.Revision;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Finds which mesh a cluster has, by what is installed: Deployments that run a control plane, else
 * webhooks and Services that lead to one outside.
 */
final class FlavourFinder {
  private static final String REVISION = "istio.io/rev";
  private static final String DEFAULT = "default";
  private static final String VERSION = "app.kubernetes.io/version";
  private static final int SECURE_PORT = 15_012;

  /** Where Istio and Selvage are by default. */
  static final String USUAL_NAMESPACE = "istio-system";

  private final Objects objects;

  FlavourFinder(Objects objects) {
    this.objects = objects;
  }

  /** Without trust domain, which is in the mesh's settings; unseen without Deployments. */
  Look<Flavour> find() {
    return objects.look(Kind.DEPLOYMENT).map(this::of);
  }

  private Flavour of(List<ApiObject> deployments) {
    List<ApiObject> istiods = deployments.stream().filter(FlavourFinder::isIstiod).toList();
    List<ApiObject> ours = deployments.stream().filter(FlavourFinder::isSelvage).toList();
    if (istiods.isEmpty() && ours.isEmpty()) {
      return outside();
    }
    List<ApiObject> all = Stream.concat(istiods.stream(), ours.stream()).toList();
    ApiObject first = all.getFirst();
    String version = version(first);
    return new Flavour(
        istiods.isEmpty()
            ? Flavour.Kind.SELVAGE
            : isAsm(first, version) ? Flavour.Kind.ASM : Flavour.Kind.ISTIO,
        version,
        first.namespace(),
        all.stream()
            .filter(each -> each.namespace().equals(first.namespace()))
            .map(this::revision)
            .toList(),
        "");
  }

  private static boolean isIstiod(ApiObject deployment) {
    return template(deployment, "app").equals("istiod") || runs(deployment, "discovery");
  }

  private static boolean isSelvage(ApiObject deployment) {
    return template(deployment, "app").equals("selvage") && runs(deployment, "control");
  }

  private static String template(ApiObject deployment, String label) {
    return deployment.at("/spec/template/metadata/labels").path(label).asString("");
  }

  private static boolean runs(ApiObject deployment, String word) {
    for (JsonNode container : deployment.at("/spec/template/spec/containers")) {
      for (JsonNode argument : container.path("args")) {
        if (argument.asString("").equals(word)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isAsm(ApiObject deployment, String version) {
    return version.contains("-asm.")
        || deployment.labels().getOrDefault(REVISION, "").startsWith("asm-")
        || deployment
            .at("/spec/template/spec/containers/0/image")
            .asString("")
            .contains("/gke-release/asm/");
  }

  /** As the image's tag has it, else as a label says. */
  private static String version(ApiObject deployment) {
    String image = deployment.at("/spec/template/spec/containers/0/image").asString("");
    String labelled = deployment.labels().getOrDefault(VERSION, "");
    String withoutDigest = image.replaceFirst("@.*$", "");
    int colon = withoutDigest.lastIndexOf(':');
    String tag = colon > withoutDigest.lastIndexOf('/') ? withoutDigest.substring(colon + 1) : "";
    return isSelvage(deployment) && !labelled.isEmpty() ? labelled : tag.isEmpty() ? labelled : tag;
  }

  private Revision revision(ApiObject deployment) {
    String fallback = isSelvage(deployment) && hasIstiod() ? "selvage" : DEFAULT;
    Map<String, String> labels = Selecting.labels(deployment.at("/spec/template/metadata/labels"));
    String service =
        services(deployment.namespace())
            .filter(
                each -> {
                  Map<String, String> selector = Selecting.labels(each.at("/spec/selector"));
                  return !selector.isEmpty() && Selecting.matches(selector, labels);
                })
            .map(ApiObject::name)
            .findFirst()
            .orElse(deployment.name());
    String account = deployment.text("/spec/template/spec/serviceAccountName");
    return new Revision(
        Stream.of(deployment.labels().getOrDefault(REVISION, ""), template(deployment, REVISION))
            .filter(name -> !name.isEmpty())
            .findFirst()
            .orElse(fallback),
        deployment.name(),
        service,
        Optional.of(account.isEmpty() ? DEFAULT : account));
  }

  private boolean hasIstiod() {
    return objects.all(Kind.DEPLOYMENT).stream().anyMatch(FlavourFinder::isIstiod);
  }

  private Stream<ApiObject> services(String namespace) {
    return objects.all(Kind.SERVICE).stream()
        .filter(each -> each.namespace().equals(namespace))
        .filter(
            each -> {
              for (JsonNode port : each.at("/spec/ports")) {
                if (port.path("port").asInt(0) == SECURE_PORT) {
                  return true;
                }
              }
              return false;
            });
  }

  /** No Deployment here runs a control plane: it is elsewhere, or there is none. */
  private Flavour outside() {
    Set<String> names = new TreeSet<>();
    boolean managed = false;
    for (ApiObject webhook : objects.all(Kind.MUTATING_WEBHOOK)) {
      if (isInjector(webhook)) {
        String revision = webhook.labels().getOrDefault(REVISION, DEFAULT);
        names.add(revision);
        managed |= revision.startsWith("asm-managed");
      }
    }
    for (ApiObject definition : objects.all(Kind.CUSTOM_RESOURCE_DEFINITION)) {
      managed |= definition.name().equals("controlplanerevisions.mesh.cloud.google.com");
    }
    List<ApiObject> called =
        services(USUAL_NAMESPACE).filter(each -> each.name().startsWith("istiod")).toList();
    if (!managed && names.isEmpty() && called.isEmpty()) {
      return new Flavour(Flavour.Kind.NONE, "", USUAL_NAMESPACE, List.of(), "");
    }
    String service = called.isEmpty() ? "istiod" : called.getFirst().name();
    List<Revision> revisions = new ArrayList<>();
    for (String name : names.isEmpty() ? Set.of(DEFAULT) : names) {
      revisions.add(new Revision(name, "", service, Optional.empty()));
    }
    return new Flavour(
        managed ? Flavour.Kind.ASM_MANAGED : Flavour.Kind.ISTIO,
        "",
        USUAL_NAMESPACE,
        revisions,
        "");
  }

  private static boolean isInjector(ApiObject webhook) {
    for (JsonNode each : webhook.at("/webhooks")) {
      if (each.path("name").asString("").endsWith("sidecar-injector.istio.io")) {
        return true;
      }
    }
    return false;
  }
}
