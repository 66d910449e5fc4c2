package io.selvage.proxy.extauthz;

import io.selvage.proxy.http1.HeadBuffer;
import java.util.List;

/**
 * Changes of one head, already checked by {@link HeaderRules}.
 *
 * @param edits in the order in which they are made
 * @param removals lower-case names, taken off after that
 */
public record HeaderEdits(List<HeaderEdit> edits, List<String> removals) {
  /** No change. */
  public static final HeaderEdits NONE = new HeaderEdits(List.of(), List.of());

  static HeaderEdits of(List<HeaderEdit> edits) {
    return new HeaderEdits(edits, List.of());
  }

  /** Makes the changes. */
  public void applyTo(HeadBuffer head) {
    edits.forEach(edit -> edit.applyTo(head));
    removals.forEach(head::remove);
  }
}
