package io.selvage.control.kubernetes.access;

import io.selvage.control.kubernetes.event.ClusterEvents;
import io.selvage.control.kubernetes.event.Regarding;

/** Tells of permissions that are missing on the ServiceAccount that lacks them. */
public final class MissingEvent {
  private static final String ACCOUNT = "system:serviceaccount:";

  private MissingEvent() {}

  /** Tells, unless events are among what is missing, or the user is no ServiceAccount. */
  public static void tell(MissingPermissions missing, ClusterEvents events) {
    String[] account = missing.user().split(":", -1);
    boolean mayTell =
        missing.permissions().stream().noneMatch(one -> one.resource().equals("events"));
    if (mayTell && missing.user().startsWith(ACCOUNT) && account.length == 4) {
      events.warning(
          new Regarding("v1", "ServiceAccount", account[2], account[3], ""),
          "PermissionMissing",
          "Wait",
          String.join("; ", missing.lines())
              + "; the control plane's log and its /ready hold the command that grants it");
    }
  }
}
