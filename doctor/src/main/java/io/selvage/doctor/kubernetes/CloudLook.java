package io.selvage.doctor.kubernetes;

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

  CloudLook(Objects objects, Optional<Flavour> flavour) {
    this.objects = objects;
    this.flavour = flavour;
  }

  /** Unseen, with the command that looks without writing. */
  Look<JsonNode> look(String context) {
    Flavour.Kind kind = flavour.map(Flavour::kind).orElse(Flavour.Kind.NONE);
    return switch (kind) {
      case ASM, ASM_MANAGED -> {
        String project = project(context).orElse("PROJECT_ID");
        yield new Look.Unseen<>(
            "no credentials of Google Cloud are used; this looks and changes nothing: gcloud"
                + " projects get-iam-policy "
                + project
                + " --flatten='bindings[].members'"
                + " --filter='bindings.members~gcp-sa-(meshdataplane|servicemesh)'"
                + " --format='table(bindings.role,bindings.members)'",
            Optional.of("resourcemanager.projects.getIamPolicy"));
      }
      case ISTIO, SELVAGE, LOCAL, NONE -> Look.unseen("the mesh is no cloud's");
    };
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
