package io.selvage.it.doctor;

import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * One way in which a mesh of two clusters is broken, what the doctor says then, and what mends it:
 * what the finding tells its reader to do.
 *
 * @param code what is looked for
 * @param what is done, in words
 * @param meshes on which it is tried
 * @param also codes that rightly speak too, since the same break breaks more
 */
record PairBreakage(
    String code, String what, Set<Patient.Mesh> meshes, Set<String> also, Act breaks, Act heals) {
  PairBreakage {
    meshes = Set.copyOf(meshes);
    also = Set.copyOf(also);
  }

  /** Something that is done to the two. */
  @FunctionalInterface
  interface Act {
    void on(PatientPair pair) throws Exception;
  }

  /** On both meshes. */
  static PairBreakage of(String code, String what, Act breaks, Act heals) {
    return new PairBreakage(code, what, EnumSet.allOf(Patient.Mesh.class), Set.of(), breaks, heals);
  }

  /** The same, on one mesh alone. */
  PairBreakage on(Patient.Mesh mesh) {
    return new PairBreakage(code, what, Set.of(mesh), also, breaks, heals);
  }

  /** The same, with more that rightly speaks. */
  PairBreakage with(String... more) {
    return new PairBreakage(code, what, meshes, Set.of(more), breaks, heals);
  }

  /** All codes that speak while it is broken. */
  Set<String> expected() {
    Set<String> all = new TreeSet<>(also);
    all.add(code);
    return all;
  }
}
