package io.selvage.control.generate;

import io.selvage.control.workload.MeshService;
import io.selvage.control.workload.ServiceRegistry;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.DestinationRule;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.RequestAuthentication;
import io.selvage.model.Resource;
import io.selvage.model.Sidecar;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which sides of proxies may be others in one state than in the one before: most changes touch one
 * side only, and then nothing of the others needs to be looked at, for any proxy.
 *
 * @param accepts what some proxy accepts, but for AuthorizationPolicies
 * @param inbound that, and AuthorizationPolicies
 * @param calls what clients see beside endpoints: services, the rules for them, who answers as
 * @param endpoints who answers where
 */
record Differences(boolean accepts, boolean inbound, boolean calls, boolean endpoints) {
  /**
   * The kinds that an inbound side depends on, beside AuthorizationPolicies, services, workloads
   * and settings.
   */
  private static final List<Class<? extends Resource>> ACCEPTS =
      List.of(RequestAuthentication.class, PeerAuthentication.class);

  static Differences between(@Nullable MeshState last, MeshState now) {
    if (last == null
        || !last.mesh().equals(now.mesh())
        || !last.services().servesAs(now.services())) {
      return new Differences(true, true, true, true);
    }
    boolean accepts =
        ACCEPTS.stream().anyMatch(kind -> differ(kind, last, now))
            || !Objects.equals(last.keys(), now.keys())
            || !last.services().workloads().equals(now.services().workloads())
            || !last.services().declaresAs(now.services());
    boolean inbound = accepts || differ(AuthorizationPolicy.class, last, now);
    if (differ(DestinationRule.class, last, now) || differ(Sidecar.class, last, now)) {
      return new Differences(accepts, inbound, true, true);
    }
    List<MeshService> moved = moved(last.services(), now.services());
    boolean calls =
        moved.stream()
            .anyMatch(
                service ->
                    !OutboundView.identities(last, service)
                        .equals(OutboundView.identities(now, service)));
    return new Differences(accepts, inbound, calls, !moved.isEmpty());
  }

  private static boolean differ(Class<? extends Resource> kind, MeshState last, MeshState now) {
    return !last.snapshot().all(kind).equals(now.snapshot().all(kind));
  }

  /** The services whose endpoints are others. */
  private static List<MeshService> moved(ServiceRegistry last, ServiceRegistry now) {
    return now.services().stream()
        .filter(service -> !last.endpoints(service.host()).equals(now.endpoints(service.host())))
        .toList();
  }
}
