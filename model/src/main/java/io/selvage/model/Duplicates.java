package io.selvage.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds resources that are written twice. */
final class Duplicates {
  private Duplicates() {}

  /** The resources without those that repeat an earlier one, which are reported. */
  static List<Resource> removed(Collection<? extends Resource> resources, List<Problem> problems) {
    Map<String, Resource> first = new HashMap<>();
    List<Resource> kept = new ArrayList<>();
    for (Resource resource : resources) {
      Resource earlier = first.putIfAbsent(identity(resource), resource);
      if (earlier == null) {
        kept.add(resource);
      } else {
        problems.add(repeated(resource, earlier));
      }
    }
    return kept;
  }

  /** A mesh has one MeshConfig, whatever its name. */
  private static String identity(Resource resource) {
    return resource instanceof MeshConfig
        ? resource.kind()
        : resource.kind() + " " + resource.meta().qualifiedName();
  }

  private static Problem repeated(Resource resource, Resource earlier) {
    return Problem.error(
        ProblemCodes.DUPLICATE_RESOURCE,
        resource.meta().at(),
        "metadata.name",
        "%s %s is already at %s, which is used; remove one of them"
            .formatted(resource.kind(), resource.meta().qualifiedName(), earlier.meta().at()));
  }
}
