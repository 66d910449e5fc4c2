package io.selvage.cli.prove;

import io.selvage.cli.prove.CheckedAssertion.Status;
import io.selvage.model.PolicyAssertions;
import java.util.ArrayList;
import java.util.List;

/**
 * What a change would do to what users demand.
 *
 * @param refusing demands that would no longer hold, or of which that would no longer be known
 * @param already demands that don't hold without the change either
 * @param held how many hold with it
 */
public record DemandGate(
    List<CheckedAssertion> refusing, List<CheckedAssertion> already, int held) {
  public DemandGate {
    refusing = List.copyOf(refusing);
    already = List.copyOf(already);
  }

  /** Whether the change may be. */
  public boolean isOpen() {
    return refusing.isEmpty();
  }

  /** Asks of both sides. */
  public static DemandGate of(
      List<PolicyAssertions> demands, AssertionCheck before, AssertionCheck after) {
    List<CheckedAssertion> is = after.check(demands);
    if (is.stream().allMatch(one -> one.status() == Status.HOLDS)) {
      return new DemandGate(List.of(), List.of(), is.size());
    }
    List<CheckedAssertion> was = before.check(demands);
    List<CheckedAssertion> refusing = new ArrayList<>();
    List<CheckedAssertion> already = new ArrayList<>();
    int held = 0;
    for (int i = 0; i < is.size(); i++) {
      Status status = is.get(i).status();
      if (status == Status.HOLDS) {
        held++;
      } else if (status == was.get(i).status()) {
        already.add(is.get(i));
      } else {
        refusing.add(is.get(i));
      }
    }
    return new DemandGate(refusing, already, held);
  }
}
