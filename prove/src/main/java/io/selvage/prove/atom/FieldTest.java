package io.selvage.prove.atom;

import io.selvage.policy.Cidr;
import io.selvage.policy.PathTemplate;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import java.util.List;

/** What a matcher asks of one field of a request that is there. */
public sealed interface FieldTest {
  /** The text matches. */
  record Text(StringMatch match) implements FieldTest {}

  /** The path is of the template. */
  record Template(PathTemplate template, Reading reading) implements FieldTest {}

  /** The path with its query matches; stands among the tests of a path. */
  record Target(StringMatch match) implements FieldTest {}

  /** The header's values match, joined or, read wide, one alone: by any of the matches. */
  record Lines(List<StringMatch> anyOf, Reading reading) implements FieldTest {
    public Lines {
      anyOf = List.copyOf(anyOf);
    }
  }

  /** The address is of the block. */
  record Block(Cidr block) implements FieldTest {}
}
