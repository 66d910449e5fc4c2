package io.selvage.doctor.check.rights;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.Asked;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * SLV6004: Google's service agent of Anthos Service Mesh holds its role. Only read ({@code
 * projects.getIamPolicy}): the runbook's own command for it writes. Installers differ in which
 * agent and role they bind, so either pair is accepted.
 */
public final class CloudAgent {
  /** A role, and which service agent holds it. */
  private record Pair(String role, String domain) {
    private String member(String number) {
      return "serviceAccount:service-%s@%s.iam.gserviceaccount.com".formatted(number, domain);
    }
  }

  private static final List<Pair> ACCEPTED =
      List.of(
          new Pair("roles/meshdataplane.serviceAgent", "gcp-sa-meshdataplane"),
          new Pair("roles/anthosservicemesh.serviceAgent", "gcp-sa-servicemesh"));

  private CloudAgent() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV6004",
            "the service agent of Anthos Service Mesh holds its role",
            Set.of(Source.CLOUD),
            FixClass.PRINTED,
            "R8"),
        CloudAgent::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.asm(cluster, results).isEmpty()) {
      return;
    }
    switch (cluster.cloud()) {
      case Look.Unseen<JsonNode>(String why, Optional<String> missing) ->
          results
              .unknown("the project's IAM policy could not be read: " + why)
              .seen(
                  missing.orElse("resourcemanager.projects.getIamPolicy is needed"),
                  "projects.getIamPolicy")
              .next(reading("PROJECT_ID", ACCEPTED.getFirst().role()));
      case Look.Seen<JsonNode>(JsonNode cloud) -> judge(cloud, results);
    }
  }

  private static void judge(JsonNode cloud, Results results) {
    String project = cloud.path("project").asString("PROJECT_ID");
    String number = cloud.path("projectNumber").asString("");
    JsonNode bindings = cloud.at("/iamPolicy/bindings");
    if (number.isEmpty() || !bindings.isArray()) {
      results
          .unknown("the project's number or its IAM policy was not read")
          .next(reading(project, ACCEPTED.getFirst().role()));
      return;
    }
    for (Pair pair : ACCEPTED) {
      if (holds(bindings, pair.role(), pair.member(number))) {
        results
            .pass("%s holds %s".formatted(pair.member(number), pair.role()))
            .seen("binding of " + pair.role(), "projects.getIamPolicy " + project);
        return;
      }
    }
    Pair first = ACCEPTED.getFirst();
    String command =
        "gcloud projects add-iam-policy-binding %s --member=%s --role=%s"
            .formatted(project, first.member(number), first.role());
    results
        .fail("%s lacks %s".formatted(first.member(number), first.role()))
        .seen(
            "no binding of %s, nor of %s"
                .formatted(ACCEPTED.getFirst().role(), ACCEPTED.getLast().role()),
            "projects.getIamPolicy " + project)
        .cause("the binding was removed, or never made: another tool manages the policy whole")
        .effect("proxies of managed data planes are not authorized: no certificates from Mesh CA")
        .next(reading(project, first.role()))
        .fix(new Fix.Command("give the agent its role", command));
  }

  private static boolean holds(JsonNode bindings, String role, String member) {
    return bindings
        .valueStream()
        .filter(binding -> binding.path("role").asString("").equals(role))
        .filter(binding -> !binding.has("condition"))
        .flatMap(binding -> binding.path("members").valueStream())
        .anyMatch(one -> one.asString("").equals(member));
  }

  /** What reads the binding, and nothing else. */
  private static String reading(String project, String role) {
    return "gcloud projects get-iam-policy %s --flatten=bindings --filter=bindings.role:%s"
            .formatted(project, role)
        + " --format='value(bindings.members)'";
  }
}
