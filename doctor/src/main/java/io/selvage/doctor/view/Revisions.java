package io.selvage.doctor.view;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.DestinationRule;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.RequestAuthentication;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import io.selvage.model.ServiceEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What each revision of a control plane reads: it passes over Istio's objects whose label {@code
 * istio.io/rev} is another one's, and has settings of its own.
 */
final class Revisions {
  private static final String SELVAGE = "selvage";

  private Revisions() {}

  /**
   * By revision; none where all of them read everything.
   *
   * @param resources all that was read
   */
  static Map<String, MeshSnapshot> snapshots(ClusterEvidence cluster, List<Resource> resources) {
    Optional<Flavour> flavour = cluster.flavour().found();
    boolean isLabelled =
        resources.stream().anyMatch(one -> isOfIstio(one) && !label(one).isEmpty());
    if (flavour.isEmpty() || (!isLabelled && flavour.get().revisions().size() < 2)) {
      return Map.of();
    }
    Set<String> names = new TreeSet<>();
    flavour.get().revisions().forEach(revision -> names.add(revision.name()));
    Map<String, MeshSnapshot> found = new LinkedHashMap<>();
    for (String name : names) {
      boolean hasTags = flavour.get().kind() == Flavour.Kind.SELVAGE || name.equals(SELVAGE);
      List<Resource> read = new ArrayList<>();
      resources.stream()
          .filter(one -> !(one instanceof MeshConfig))
          .filter(one -> !isOfIstio(one) || isRead(label(one), name, hasTags, names))
          .forEach(read::add);
      settings(cluster, flavour.get().namespace(), name)
          .map(map -> ResourceReader.readObject(map.ref().toString(), MeshView.tree(map)))
          .ifPresent(settings -> read.addAll(settings.resources()));
      found.put(name, MeshSnapshot.of(1, read, List.of()));
    }
    return Map.copyOf(found);
  }

  /** The ConfigMap of a revision; empty when there is none, or it was not seen. */
  static Optional<ApiObject> settings(ClusterEvidence cluster, String namespace, String revision) {
    return Stream.of("istio-" + revision, "istio")
        .flatMap(name -> cluster.objects().find(Kind.CONFIG_MAP, namespace, name).stream())
        .findFirst();
  }

  /**
   * Istio compares with the revision's name alone (pkg/config/model.go, LabelsInRevision); Selvage
   * hears its tags, too, so that a name which is no revision's may be meant for it.
   */
  private static boolean isRead(String label, String name, boolean hasTags, Set<String> names) {
    return label.isEmpty() || label.equals(name) || (hasTags && !names.contains(label));
  }

  private static boolean isOfIstio(Resource resource) {
    return resource instanceof AuthorizationPolicy
        || resource instanceof PeerAuthentication
        || resource instanceof RequestAuthentication
        || resource instanceof DestinationRule
        || resource instanceof ServiceEntry;
  }

  private static String label(Resource resource) {
    return resource.meta().labels().getOrDefault(PodView.REVISION, "");
  }
}
