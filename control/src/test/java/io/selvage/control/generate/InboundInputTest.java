package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.generate.InboundInput.Policies;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InboundInputTest {

  private static Policies policies(int which) {
    RbacPolicy rule =
        new RbacPolicy(
            "ns[a]-policy[p-" + which + "]-rule[0]",
            List.of(new Matcher.Always()),
            List.of(new Matcher.Always()));
    Authorization authorization =
        new Authorization(
            List.of(
                new Stage.Rbac(
                    Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of(rule))),
                    Optional.empty())));
    return new Policies(authorization, Authorization.NONE, List.of());
  }

  @Test
  void equalPoliciesAreEqualWhoeverMadeThem() {
    assertThat(policies(1)).isEqualTo(policies(1)).hasSameHashCodeAs(policies(1));
    assertThat(policies(1)).isNotEqualTo(policies(2));
  }

  /** Else each workload's are compared with every other's: a thousand times a thousand. */
  @Test
  void policiesOfWorkloadsRarelyMeetInOneBucket() {
    assertThat(IntStream.range(0, 2000).map(i -> policies(i).hashCode()).distinct().count())
        .isGreaterThan(1900);
  }
}
