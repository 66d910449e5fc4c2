package io.selvage.doctor;

import tools.jackson.databind.JsonNode;

/**
 * What mends a finding, in one cluster. Each is tried by the API server first, can be undone, and
 * is looked at again afterwards.
 */
public sealed interface Fix {
  /** What it does, as the user reads it before saying yes. */
  String what();

  /**
   * Changes an object.
   *
   * @param apiVersion such as {@code admissionregistration.k8s.io/v1}
   * @param patch RFC 6902
   */
  record Patch(String what, String apiVersion, ObjectRef object, JsonNode patch) implements Fix {}

  /** Applies an object whole, from what is shipped. */
  record Apply(String what, JsonNode object) implements Fix {}

  /** Removes an object. */
  record Delete(String what, String apiVersion, ObjectRef object) implements Fix {}

  /** Has the Pods of a Deployment, StatefulSet or DaemonSet made anew, one after the other. */
  record Restart(String what, ObjectRef workload) implements Fix {}

  /** Only a command to read and run. */
  record Command(String what, String command) implements Fix {}
}
