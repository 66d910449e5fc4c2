package io.selvage.doctor.probe;

/** A namespace of the doctor's own, in which alone it writes policies. */
public interface PrivateNamespace {
  /** Who calls with an identity of the mesh. */
  String CALLER = "caller";

  /** Who is called. */
  String ECHO = "echo";

  /** Where both listen. */
  int PORT = 8080;

  /** Its name. */
  String name();

  /**
   * Applies a resource of the mesh, here and nowhere else.
   *
   * @param spec as JSON
   */
  void apply(String apiVersion, String kind, String object, String spec) throws ProbeFailed;

  /** Deletes one that was applied. */
  void delete(String apiVersion, String kind, String object) throws ProbeFailed;
}
