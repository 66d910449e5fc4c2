package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.injection.AmbientOverlap;
import io.selvage.doctor.check.injection.BundleRepair;
import io.selvage.doctor.check.injection.FailurePolicies;
import io.selvage.doctor.check.injection.MissingProxies;
import io.selvage.doctor.check.injection.WebhookBundles;
import io.selvage.doctor.check.injection.WebhookReachable;
import io.selvage.doctor.check.injection.WebhooksPresent;
import java.util.List;

/** Checks of webhooks and sidecars (SLV30xx). */
public final class InjectionChecks {
  private InjectionChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        WebhooksPresent.check(),
        WebhookBundles.check(),
        BundleRepair.check(),
        WebhookReachable.check(),
        FailurePolicies.check(),
        MissingProxies.check(),
        AmbientOverlap.check());
  }
}
