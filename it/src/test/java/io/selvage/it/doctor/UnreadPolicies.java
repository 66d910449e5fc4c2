package io.selvage.it.doctor;

import io.selvage.it.stage.Until;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A control plane of ours that may not read policies any more, and goes on with those that it
 * knows. It would not begin so: it has to lose its watch, which the API server ends when the
 * definition of a kind changes.
 */
final class UnreadPolicies {
  private final Changed definition =
      new Changed("customresourcedefinition", "authorizationpolicies.security.istio.io");
  private Optional<Rights> rights = Optional.empty();

  /** From when this returns. */
  void begin(Patient patient) throws Exception {
    String begun = patient.now().toString();
    rights =
        Optional.of(
            Rights.without(
                patient.kubectl(), "authorizationpolicies", Set.of("get", "list", "watch")));
    definition.change(
        patient.kubectl(), json -> json.at("/spec/versions").forEach(UnreadPolicies::addColumn));
    Until.holds(
        "the control plane goes on with what it knows",
        () -> log(patient, begun).contains("SLV7220 AuthorizationPolicy"));
  }

  private static void addColumn(JsonNode version) {
    ((ObjectNode) version)
        .withArray("additionalPrinterColumns")
        .addObject()
        .put("name", "Generation")
        .put("type", "integer")
        .put("jsonPath", ".metadata.generation");
  }

  private static String log(Patient patient, String since) {
    return patient
        .kubectl()
        .logs("istio-system", patient.mesh().deployment(), "--since-time=" + since);
  }

  /** Heals what came of a policy that was written meanwhile. */
  Breakage.Heal readAgain(String policy) {
    return new Breakage.Heal.ByHand(
        patient -> {
          patient.lookAsBefore();
          patient.kubectl().delete(policy);
          end(patient);
        });
  }

  /** Gives the right back. */
  private void end(Patient patient) throws Exception {
    definition.restore(patient.kubectl());
    if (rights.isPresent()) {
      String ended = patient.now().toString();
      rights.get().close();
      rights = Optional.empty();
      Until.holds(
          "the control plane reads all again",
          () -> log(patient, ended).contains(" and 0 problems"));
    }
  }
}
