package io.selvage.it.doctor;

import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * One way in which a mesh is broken, what the doctor says then, and what mends it.
 *
 * @param code what is looked for
 * @param what is done, in words
 * @param rows of the runbook that it stands for, such as {@code R5}; empty: beyond it
 * @param meshes on which it is tried
 * @param also codes that rightly speak too, since the same break breaks more
 * @param breaks does it
 * @param heals mends it
 */
record Breakage(
    String code,
    String what,
    String rows,
    Set<Patient.Mesh> meshes,
    Set<String> also,
    Act breaks,
    Heal heals) {
  Breakage {
    meshes = Set.copyOf(meshes);
    also = Set.copyOf(also);
  }

  /** Something that is done to a mesh. */
  @FunctionalInterface
  interface Act {
    void on(Patient patient) throws Exception;
  }

  /** What mends. */
  sealed interface Heal {
    /** The fix that the finding itself offers, with the user's yes. */
    record ByItsFix() implements Heal {}

    /** What the finding tells its reader to do. */
    record ByHand(Act act) implements Heal {}
  }

  /** One that writes an object; the finding's own fix is not for this, the object is deleted. */
  static Breakage written(String code, String what, String objects, String... also) {
    return new Breakage(
        code,
        what,
        "",
        EnumSet.allOf(Patient.Mesh.class),
        Set.of(also),
        patient -> patient.kubectl().apply(objects),
        new Heal.ByHand(patient -> patient.kubectl().delete(objects)));
  }

  /** The same, of a row of the runbook. */
  Breakage ofRow(String row) {
    return new Breakage(code, what, row, meshes, also, breaks, heals);
  }

  /** The same, mended by the finding's own fix. */
  Breakage healedByItsFix() {
    return new Breakage(code, what, rows, meshes, also, breaks, new Heal.ByItsFix());
  }

  /** The same, on one mesh alone. */
  Breakage on(Patient.Mesh mesh) {
    return new Breakage(code, what, rows, Set.of(mesh), also, breaks, heals);
  }

  /** All codes that speak while it is broken. */
  Set<String> expected() {
    Set<String> all = new TreeSet<>(also);
    all.add(code);
    return all;
  }
}
