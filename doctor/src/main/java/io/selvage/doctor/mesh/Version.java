package io.selvage.doctor.mesh;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/**
 * The first two numbers of a release, {@code 1.28} of {@code 1.28.1-asm.4}.
 *
 * @param minor the one that skew is counted in
 */
public record Version(int major, int minor) implements Comparable<Version> {
  private static final Pattern NUMBERS = Pattern.compile("(?:^|[^0-9.])v?(\\d{1,4})\\.(\\d{1,4})");

  /** As it stands in a text such as an image's tag; empty when none does. */
  public static Optional<Version> in(String text) {
    Matcher found = NUMBERS.matcher(text);
    return found.find()
        ? Optional.of(
            new Version(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2))))
        : Optional.empty();
  }

  @Override
  public int compareTo(Version other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
