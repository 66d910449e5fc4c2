package io.selvage.control.kubernetes.lease;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@code coordination.k8s.io/v1 Lease} of the control plane's namespace. */
record KubernetesLease(KubernetesClient client, String namespace, String name)
    implements LeaseStore {

  @Override
  public Optional<Stored> read() {
    Lease lease = client.leases().inNamespace(namespace).withName(name).get();
    return Optional.ofNullable(lease)
        .map(is -> new Stored(record(is.getSpec()), is.getMetadata().getResourceVersion()));
  }

  private static LeaseRecord record(@Nullable LeaseSpec spec) {
    return spec == null
        ? new LeaseRecord("", Duration.ofSeconds(1), Instant.EPOCH, Instant.EPOCH, 0)
        : new LeaseRecord(
            Optional.ofNullable(spec.getHolderIdentity()).orElse(""),
            Duration.ofSeconds(Optional.ofNullable(spec.getLeaseDurationSeconds()).orElse(1)),
            instant(spec.getAcquireTime()),
            instant(spec.getRenewTime()),
            Optional.ofNullable(spec.getLeaseTransitions()).orElse(0));
  }

  private static Instant instant(@Nullable ZonedDateTime time) {
    return time == null ? Instant.EPOCH : time.toInstant();
  }

  @Override
  public void write(Optional<Stored> before, LeaseRecord record) {
    Lease lease =
        new LeaseBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .withResourceVersion(before.map(Stored::version).orElse(null))
            .endMetadata()
            .withNewSpec()
            .withHolderIdentity(record.isHeld() ? record.holder() : null)
            .withLeaseDurationSeconds((int) record.duration().toSeconds())
            .withAcquireTime(record.acquired().atZone(ZoneOffset.UTC))
            .withRenewTime(record.renewed().atZone(ZoneOffset.UTC))
            .withLeaseTransitions(record.transitions())
            .endSpec()
            .build();
    var of = client.leases().inNamespace(namespace).resource(lease);
    if (before.isEmpty()) {
      of.create();
    } else {
      of.update();
    }
  }
}
