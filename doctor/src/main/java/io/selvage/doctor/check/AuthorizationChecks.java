package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.authorization.AllowNothing;
import io.selvage.doctor.check.authorization.Authorizers;
import io.selvage.doctor.check.authorization.BroadAllow;
import io.selvage.doctor.check.authorization.Callers;
import io.selvage.doctor.check.authorization.DeadRules;
import io.selvage.doctor.check.authorization.Decisions;
import io.selvage.doctor.check.authorization.Denials;
import io.selvage.doctor.check.authorization.EnforcedPolicies;
import io.selvage.doctor.check.authorization.HttpOnTcp;
import io.selvage.doctor.check.authorization.PathSpellings;
import io.selvage.doctor.check.authorization.PeerIdentity;
import io.selvage.doctor.check.authorization.Selections;
import io.selvage.doctor.check.authorization.Unprotected;
import java.util.List;

/** Checks of authorization (SLV40xx). */
public final class AuthorizationChecks {
  private AuthorizationChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        Decisions.DENIED,
        Decisions.ALLOWED,
        Selections.CHECK,
        AllowNothing.CHECK,
        Unprotected.CHECK,
        PeerIdentity.CHECK,
        HttpOnTcp.CHECK,
        Callers.CHECK,
        DeadRules.CHECK,
        PathSpellings.CHECK,
        EnforcedPolicies.CHECK,
        Authorizers.CHECK,
        Denials.CHECK,
        BroadAllow.CHECK);
  }
}
