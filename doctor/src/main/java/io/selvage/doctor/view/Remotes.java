package io.selvage.doctor.view;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import java.util.List;

/** The other clusters of a mesh, as this one knows them by Secrets. */
public final class Remotes {
  private static final String LABEL = "istio/multiCluster";

  /** The annotation that names the cluster. */
  public static final String CLUSTER = "networking.istio.io/cluster";

  private Remotes() {}

  /** The Secrets that name neighbours. */
  public static List<ApiObject> secrets(ClusterEvidence cluster) {
    return cluster.objects().all(Kind.SECRET).stream()
        .filter(secret -> "true".equals(secret.labels().get(LABEL)))
        .toList();
  }
}
