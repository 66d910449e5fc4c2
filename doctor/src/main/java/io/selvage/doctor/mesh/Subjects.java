package io.selvage.doctor.mesh;

import java.util.Set;

/** Whom RBAC's subjects stand for. */
public final class Subjects {
  private static final Set<String> EVERYBODY =
      Set.of(
          "Group system:authenticated",
          "Group system:unauthenticated",
          "Group system:serviceaccounts",
          "User system:anonymous");

  private Subjects() {}

  /** Who somebody is, seen from the mesh. */
  public enum Kind {
    /** Everybody, or every Pod: nobody means that. */
    EVERYBODY,
    /** A program that is none of the mesh's or of Kubernetes' own. */
    OTHER_ACCOUNT,
    /** A user or a group of users: administrators, as far as one can tell. */
    PEOPLE,
    /** The control plane, or Kubernetes itself. */
    EXPECTED
  }

  /**
   * Whom a subject stands for.
   *
   * @param subject as {@link Rbac.Grant} has it
   * @param home the control plane's namespace
   */
  public static Kind of(String subject, String home) {
    if (EVERYBODY.contains(subject) || subject.startsWith("Group system:serviceaccounts:")) {
      return subject.equals("Group system:serviceaccounts:" + home)
              || subject.equals("Group system:serviceaccounts:kube-system")
          ? Kind.EXPECTED
          : Kind.EVERYBODY;
    }
    if (subject.startsWith("ServiceAccount ")) {
      return subject.startsWith("ServiceAccount " + home + "/")
              || subject.startsWith("ServiceAccount kube-system/")
          ? Kind.EXPECTED
          : Kind.OTHER_ACCOUNT;
    }
    return subject.startsWith("User system:") || subject.equals("Group system:masters")
        ? Kind.EXPECTED
        : Kind.PEOPLE;
  }
}
