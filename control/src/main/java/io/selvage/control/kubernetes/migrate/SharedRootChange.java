package io.selvage.control.kubernetes.migrate;

import io.selvage.control.kubernetes.migrate.RootChange.Done;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A {@link RootChange} of all clusters that have one root, in step: each step is first tried in all
 * of them, and taken in none while it would cut somebody off in one. What follows the first
 * cluster's new root in the others are intermediates below it.
 *
 * <p>A cluster that is read by one of them and is not taken along is refused: its workloads would
 * go on trusting the old root, and would trust the new one never.
 */
public final class SharedRootChange {
  private final List<Member> members;
  private final Set<String> without;

  /**
   * A cluster.
   *
   * @param context how commands name it; empty: the current one
   * @param id in the mesh, as the others' Secrets name it
   */
  public record Member(Optional<String> context, String id, RootChange change) {}

  /** A step in one cluster. */
  private interface Step {
    Done of(Member member, boolean dryRun) throws MigrationRefused;
  }

  /**
   * For these.
   *
   * @param members the one whose new root it will be first
   * @param without ids of neighbours that have roots of their own and stay as they are
   */
  public SharedRootChange(List<Member> members, Set<String> without) {
    this.members = List.copyOf(members);
    this.without = Set.copyOf(without);
  }

  /** {@link RootChange#importCa}, where it has not been done. */
  public Done importCa(boolean dryRun) throws MigrationRefused {
    return all((member, dry) -> member.change().importCa(dry), dryRun);
  }

  /**
   * Makes a new root trusted beside the old one.
   *
   * @param brought the new CA of the first cluster; empty: one is made
   */
  public Done start(Optional<Map<String, String>> brought, boolean dryRun) throws MigrationRefused {
    together();
    Member first = members.getFirst();
    List<Member> others = members.subList(1, members.size());
    String from = first.change().from();
    for (Member other : others) {
      inCluster(other, () -> other.change().shares(from));
    }
    Done done = said(first, first.change().start(brought, dryRun));
    for (Member other : others) {
      done =
          joined(
              done,
              dryRun
                  ? following(other)
                  : said(other, inCluster(other, () -> other.change().startBelow(next(first)))));
    }
    return done;
  }

  private static CaSecret next(Member first) throws MigrationRefused {
    return first.change().next();
  }

  private Done following(Member other) {
    return said(
        other,
        new Done(
            List.of("gets an intermediate below the new root, and trusts it"), true, List.of()));
  }

  /** Lets the new root sign. */
  public Done switchSigning(boolean dryRun) throws MigrationRefused {
    together();
    return all((member, dry) -> member.change().switchSigning(dry), dryRun);
  }

  /** Lets the old root sign again. */
  public Done back(boolean dryRun) throws MigrationRefused {
    together();
    return all((member, dry) -> member.change().back(dry), dryRun);
  }

  /** Ends the trust in the root that does not sign. */
  public Done finish(boolean dryRun) throws MigrationRefused {
    together();
    return all((member, dry) -> member.change().finish(dry), dryRun);
  }

  private Done all(Step step, boolean dryRun) throws MigrationRefused {
    Done tried = each(step, true);
    return dryRun ? tried : each(step, false);
  }

  private Done each(Step step, boolean dryRun) throws MigrationRefused {
    Done all = new Done(List.of(), false, List.of());
    for (Member member : members) {
      all = joined(all, said(member, inCluster(member, () -> step.of(member, dryRun))));
    }
    return all;
  }

  /** Something that is done with one cluster. */
  private interface Work<T> {
    T done() throws MigrationRefused;
  }

  /** A refusal names the cluster where there are several. */
  private <T> T inCluster(Member member, Work<T> work) throws MigrationRefused {
    try {
      return work.done();
    } catch (MigrationRefused e) {
      throw members.size() == 1 ? e : e.in(member.id());
    }
  }

  /** Refuses while somebody who shares the root is left behind. */
  private void together() throws MigrationRefused {
    Set<String> apart = new TreeSet<>();
    members.forEach(member -> apart.addAll(member.change().neighbours()));
    members.forEach(member -> apart.remove(member.id()));
    apart.removeAll(without);
    if (!apart.isEmpty()) {
      String some = String.join(", ", apart);
      throw new MigrationRefused(
          MigrationRefused.CUTS_OFF,
          "the workloads of %s, which this mesh reads too, would be cut off when the old root goes: take every cluster of this root along, each with --context; one with a root of its own is named with --without"
              .formatted(some));
    }
  }

  /** With the cluster's name where there are several, and commands that choose it. */
  private Done said(Member member, Done done) {
    if (members.size() == 1) {
      return done;
    }
    String chosen = member.context().map(name -> " --context " + name).orElse("");
    return new Done(
        done.lines().stream().map(line -> member.id() + ": " + line).toList(),
        done.changed(),
        done.next().stream()
            .map(line -> line.replaceFirst("^(kubectl|selvage migrate [a-z]+)", "$1" + chosen))
            .toList());
  }

  private static Done joined(Done one, Done other) {
    List<String> lines = new ArrayList<>(one.lines());
    lines.addAll(other.lines());
    Set<String> next = new LinkedHashSet<>(one.next());
    next.addAll(other.next());
    return new Done(lines, one.changed() || other.changed(), List.copyOf(next));
  }
}
