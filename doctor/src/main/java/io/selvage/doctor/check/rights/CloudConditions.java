package io.selvage.doctor.check.rights;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Shown;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** SLV6005: what Anthos Service Mesh needs of its cloud is there, and the fleet says it is well. */
public final class CloudConditions {
  private CloudConditions() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV6005",
            "APIs, workload identity and the fleet's conditions are well",
            Set.of(Source.CLOUD, Source.OBJECTS),
            FixClass.PRINTED,
            "R8"),
        CloudConditions::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.asm(cluster, results).isEmpty()) {
      return;
    }
    switch (cluster.cloud()) {
      case Look.Unseen<JsonNode>(String why, Optional<String> missing) ->
          results
              .unknown("the fleet could not be asked: " + why)
              .seen(
                  missing.orElse("gkehub.features.get is needed"),
                  "projects.locations.features.get")
              .next("gcloud container fleet mesh describe --project PROJECT_ID");
      case Look.Seen<JsonNode>(JsonNode cloud) -> judge(cloud, results);
    }
  }

  private static void judge(JsonNode cloud, Results results) {
    String project = cloud.path("project").asString("PROJECT_ID");
    services(cloud, project, results);
    conditions(cloud, project, results);
    nodePools(cloud, results);
    if (results.all().isEmpty()) {
      boolean any = cloud.has("services") || cloud.has("mesh") || cloud.has("nodePools");
      if (any) {
        results
            .pass("the APIs are enabled, no condition is reported")
            .seen(
                cloud.at("/mesh/servicemesh/controlPlaneManagement/state").asString("no state"),
                "fleet feature servicemesh of " + project);
      } else {
        results
            .unknown("neither the APIs nor the fleet were read")
            .next("gcloud container fleet mesh describe --project " + project);
      }
    }
  }

  private static void services(JsonNode cloud, String project, Results results) {
    if (!cloud.path("services").isArray()) {
      return;
    }
    List<String> enabled =
        cloud.path("services").valueStream().map(one -> one.asString("")).toList();
    if (enabled.stream().noneMatch(one -> one.endsWith("mesh.googleapis.com"))) {
      results
          .fail("the API mesh.googleapis.com is not enabled in " + project)
          .seen(Shown.some(enabled), "services.list")
          .cause("it was disabled, or the mesh is of another project")
          .effect("the managed parts of the mesh do nothing")
          .next("gcloud services enable mesh.googleapis.com --project " + project);
    }
  }

  private static void conditions(JsonNode cloud, String project, Results results) {
    for (JsonNode one : cloud.at("/mesh/servicemesh/conditions")) {
      String what =
          "%s: %s"
              .formatted(one.path("code").asString("condition"), one.path("details").asString(""));
      boolean error = one.path("severity").asString("").equals("ERROR");
      (error ? results.fail(what) : results.warn(what))
          .seen(
              one.path("severity").asString("") + " " + one.path("code").asString(""),
              "gcloud container fleet mesh describe --project " + project)
          .cause("the fleet reports it of this membership")
          .effect(
              error ? "the control plane is not provisioned, or not kept" : "see its documentation")
          .next(
              one.path("documentationLink").asString("https://cloud.google.com/service-mesh/docs"));
    }
  }

  private static void nodePools(JsonNode cloud, Results results) {
    List<String> without =
        cloud
            .path("nodePools")
            .valueStream()
            .filter(
                pool ->
                    !pool.at("/config/workloadMetadataConfig/mode")
                        .asString("")
                        .equals("GKE_METADATA"))
            .map(pool -> pool.path("name").asString("?"))
            .toList();
    if (!without.isEmpty()) {
      results
          .fail("node pools without workload identity: " + Shown.some(without))
          .seen("workloadMetadataConfig.mode is not GKE_METADATA", "clusters.get")
          .cause("they were made before it was enabled for the cluster")
          .effect("proxies on them cannot call Mesh CA")
          .next(
              "gcloud container node-pools update %s --cluster CLUSTER --workload-metadata=GKE_METADATA"
                  .formatted(without.getFirst()));
    }
  }
}
