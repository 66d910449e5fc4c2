package io.selvage.control.kubernetes.inject;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The values of {@code istio.io/rev} that ask for an installation: {@code selvage}, the tags that
 * it was given, and, where Istio's labels are its own, {@code default}, by which an Istio without a
 * revision is asked for.
 */
public final class RevisionTags {
  /** What an Istio without a revision is called. */
  static final String ISTIOS = "default";

  /** A DNS label (RFC 1123), as Istio has its revisions. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private RevisionTags() {}

  /**
   * The tag, if it can be one.
   *
   * @throws IllegalArgumentException saying why not
   */
  public static String checked(String tag) {
    if (!NAME.matcher(tag).matches()) {
      throw new IllegalArgumentException(
          "'%s' is no revision tag: lower-case letters, digits and '-', at most 63, are wanted"
              .formatted(tag));
    }
    return tag;
  }

  /**
   * All of them.
   *
   * @param istioLabels whether Istio's labels are the installation's own
   */
  public static Set<String> heard(Collection<String> tags, boolean istioLabels) {
    Set<String> names = new LinkedHashSet<>(names(tags));
    if (istioLabels) {
      names.add(ISTIOS);
    }
    return names;
  }

  /** Of an installation with these tags, whatever Istio's labels mean there. */
  static List<String> names(Collection<String> tags) {
    return Stream.concat(Stream.of(InjectionSettings.REVISION), tags.stream()).distinct().toList();
  }
}
