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
    Map<Identity, Resource> first = HashMap.newHashMap(resources.size());
    List<Resource> kept = new ArrayList<>(resources.size());
    for (Resource resource : resources) {
      Resource earlier = first.putIfAbsent(Identity.of(resource), resource);
      if (earlier == null) {
        kept.add(resource);
      } else {
        problems.add(repeated(resource, earlier));
      }
    }
    return kept;
  }

  private record Identity(String kind, String namespace, String name) {
    /** A mesh has one MeshConfig, whatever its name. */
    static Identity of(Resource resource) {
      return resource instanceof MeshConfig
          ? new Identity(resource.kind(), "", "")
          : new Identity(resource.kind(), resource.meta().namespace(), resource.meta().name());
    }
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
