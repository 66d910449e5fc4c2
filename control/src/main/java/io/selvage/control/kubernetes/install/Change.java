package io.selvage.control.kubernetes.install;

import java.util.List;

/** What is to become of one object. */
public sealed interface Change {
  /** The object, as it is to be. */
  ManifestObject object();

  /** It isn't there, and is made. */
  record Create(ManifestObject object) implements Change {}

  /**
   * It is there, and changes.
   *
   * @param fields what changes
   */
  record Update(ManifestObject object, List<FieldDiff> fields) implements Change {
    public Update {
      fields = List.copyOf(fields);
    }
  }

  /**
   * Others have set fields of it to something else. It changes only when they are taken over.
   *
   * @param fields what would change
   * @param owners which field is whose, in the API server's words
   */
  record Conflict(ManifestObject object, List<FieldDiff> fields, List<String> owners)
      implements Change {
    public Conflict {
      fields = List.copyOf(fields);
      owners = List.copyOf(owners);
    }
  }

  /** It is there as it should be. */
  record Unchanged(ManifestObject object) implements Change {}

  /**
   * It is somebody else's.
   *
   * @param why in words
   */
  record LeftAlone(ManifestObject object, String why) implements Change {}

  /** It is there, and goes. */
  record Delete(ManifestObject object) implements Change {}

  /**
   * The API server would not have it.
   *
   * @param why in the API server's words
   */
  record Refused(ManifestObject object, String why) implements Change {}
}
