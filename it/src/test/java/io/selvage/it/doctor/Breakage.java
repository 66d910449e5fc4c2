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
 * @param sinceStart whether it is only found when it lasts: logs are read from the mesh's start,
 *     and what was there before counts as two minutes old ({@link Aged})
 * @param breaks does it
 * @param heals mends it
 * @param after what is left of it, once the doctor is silent again
 */
record Breakage(
    String code,
    String what,
    String rows,
    Set<Patient.Mesh> meshes,
    Set<String> also,
    boolean sinceStart,
    Act breaks,
    Heal heals,
    Act after) {
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
    /** The fix that the finding itself offers, with the user's yes; then what the break left. */
    record ByItsFix(Act then) implements Heal {
      ByItsFix() {
        this(_ -> {});
      }
    }

    /** What the finding tells its reader to do. */
    record ByHand(Act act) implements Heal {}
  }

  /** One of a row of the runbook, or of none (empty), on all meshes. */
  static Breakage of(String code, String rows, String what, Act breaks, Heal heals) {
    return new Breakage(
        code,
        what,
        rows,
        EnumSet.allOf(Patient.Mesh.class),
        Set.of(),
        false,
        breaks,
        heals,
        _ -> {});
  }

  /** One that writes objects, which are deleted again. */
  static Breakage written(String code, String rows, String what, String objects) {
    return of(
        code,
        rows,
        what,
        patient -> patient.kubectl().apply(objects),
        new Heal.ByHand(patient -> patient.kubectl().delete(objects)));
  }

  /** The same, mended by the finding's own fix. */
  Breakage healedByItsFix() {
    return new Breakage(
        code, what, rows, meshes, also, sinceStart, breaks, new Heal.ByItsFix(), after);
  }

  /** The same, on one mesh alone. */
  Breakage on(Patient.Mesh mesh) {
    return new Breakage(code, what, rows, Set.of(mesh), also, sinceStart, breaks, heals, after);
  }

  /** The same, with more that rightly speaks. */
  Breakage with(String... more) {
    return new Breakage(code, what, rows, meshes, Set.of(more), sinceStart, breaks, heals, after);
  }

  /** The same, which is only found when it lasts. */
  Breakage lasting() {
    return new Breakage(code, what, rows, meshes, also, true, breaks, heals, after);
  }

  /** The same, which leaves something that is to be put away. */
  Breakage afterwards(Act act) {
    return new Breakage(code, what, rows, meshes, also, sinceStart, breaks, heals, act);
  }

  /** All codes that speak while it is broken. */
  Set<String> expected() {
    Set<String> all = new TreeSet<>(also);
    all.add(code);
    return all;
  }
}
