package io.selvage.control.kubernetes.identity;

import io.selvage.control.kubernetes.source.KubernetesSource;
import io.selvage.control.kubernetes.source.SeenPod;
import io.selvage.control.kubernetes.source.WatchedKind;
import java.util.Optional;

/**
 * What a source's watches know.
 *
 * @param source of the cluster whose tokens are checked
 */
public record ClusterObjects(KubernetesSource source) implements BoundObjects.Objects {
  @Override
  public Optional<SeenPod> pod(String namespace, String name) {
    return source.pods().flatMap(pods -> pods.get(namespace, name));
  }

  @Override
  public Optional<String> accountUid(String namespace, String name) {
    return source
        .objects(WatchedKind.SERVICE_ACCOUNT)
        .flatMap(accounts -> accounts.get(namespace, name))
        .map(account -> account.getMetadata().getUid());
  }
}
