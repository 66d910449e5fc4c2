package io.selvage.it.conformance;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * One file of cases: resources, and requests with the one right outcome each.
 *
 * @param name the file below {@code cases}, without its ending: {@code authorization/paths}
 * @param title what the set shows, for readers
 * @param follows the text that the outcomes are taken from
 * @param mesh what MeshConfig says beside the stage's; an object
 * @param resources Istio's, one object each; {@code ${jwks}} is not put in yet
 * @param unsaid why a subject cannot be asked, by its name
 */
record CaseSet(
    String name,
    String title,
    String follows,
    JsonNode mesh,
    List<JsonNode> resources,
    Map<SubjectName, String> unsaid,
    List<Case> cases) {

  /** Its area: the folder, which is the row of the report. */
  String area() {
    int slash = name.indexOf('/');
    return slash < 0 ? name : name.substring(0, slash);
  }

  /** How a case is named in reports and in {@code SELVAGE_CASES}. */
  String nameOf(Case one) {
    return name + "#" + one.id();
  }

  @Override
  public String toString() {
    return name;
  }
}
