package io.selvage.doctor.kubernetes;

import io.selvage.doctor.cloud.CloudSource;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What a cloud's own API would tell of an Anthos Service Mesh. */
final class CloudLook {
  private final Objects objects;
  private final Optional<Flavour> flavour;
  private final CloudSource source;

  CloudLook(Objects objects, Optional<Flavour> flavour, CloudSource source) {
    this.objects = objects;
    this.flavour = flavour;
    this.source = source;
  }

  /** As the cloud says it; without credentials unseen, with the command that looks. */
  Look<JsonNode> look(String context) {
    Flavour.Kind kind = flavour.map(Flavour::kind).orElse(Flavour.Kind.NONE);
    return switch (kind) {
      case ASM, ASM_MANAGED -> {
        Optional<String> known = project(context);
        yield known
            .flatMap(project -> source.look(new CloudSource.Place(project, cluster(context))))
            .orElseGet(() -> unasked(known.orElse("PROJECT_ID")));
      }
      case ISTIO, SELVAGE, LOCAL, NONE -> Look.unseen("the mesh is no cloud's");
    };
  }

  private static Look<JsonNode> unasked(String project) {
    return new Look.Unseen<>(
        "there are no credentials of Google Cloud here; this looks and changes nothing: gcloud"
            + " projects get-iam-policy "
            + project
            + " --flatten='bindings[].members'"
            + " --filter='bindings.members~gcp-sa-(meshdataplane|servicemesh)'"
            + " --format='table(bindings.role,bindings.members)'",
        Optional.of("resourcemanager.projects.getIamPolicy"));
  }

  private static Optional<CloudSource.Cluster> cluster(String context) {
    String[] parts = context.split("_", -1);
    return parts.length == 4 && parts[0].equals("gke")
        ? Optional.of(new CloudSource.Cluster(parts[2], parts[3]))
        : Optional.empty();
  }

  /** As GKE names contexts ({@code gke_PROJECT_PLACE_CLUSTER}), else as nodes name themselves. */
  private Optional<String> project(String context) {
    String[] parts = context.split("_", -1);
    if (parts.length >= 4 && parts[0].equals("gke")) {
      return Optional.of(parts[1]);
    }
    return objects.all(Kind.NODE).stream()
        .map(node -> node.text("/spec/providerID"))
        .filter(id -> id.startsWith("gce://"))
        .map(id -> id.substring("gce://".length()).split("/", -1)[0])
        .findFirst();
  }
}
