package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Paths out of the pieces that confuse servers. */
class PathFuzzTest {
  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of(
            "/", "//", ".", "..", "\\", "%2e", "%2E", "%2f", "%5C", "%25", "%", "%2", "2e", "a",
            ";", "%61", "%7e", "%c0%ae", "?", "#", "%3f", "~")
        .list()
        .ofMaxSize(10)
        .map(pieces -> "/" + String.join("", pieces));
  }

  /** A second hop with the same rules sees the path that the first one decided on. */
  @Property(tries = 5_000)
  void aNormalPathIsItsOwnNormalForm(
      @ForAll("paths") String path, @ForAll PathNormalizer normalization) {
    String once = normalization.apply(path);
    if (once != null) {
      assertThat(normalization.apply(once)).as(path).isEqualTo(once);
    }
  }

  @Property(tries = 5_000)
  void nothingIsLeftThatTheModePromisesToRemove(
      @ForAll("paths") String path, @ForAll PathNormalizer normalization) {
    @Nullable String normal = normalization.apply(path);
    if (normal == null || normalization == PathNormalizer.NONE) {
      return;
    }
    String bare = normal.contains("?") ? normal.substring(0, normal.indexOf('?')) : normal;
    assertThat(bare).doesNotContain("\\", "/../", "/./", "#", "%2e", "%61", "%7e");
    assertThat(bare).doesNotEndWith("/..").doesNotEndWith("/.");
    if (normalization != PathNormalizer.BASE) {
      assertThat(bare).doesNotContain("//");
    }
    if (normalization == PathNormalizer.DECODE_AND_MERGE_SLASHES) {
      assertThat(bare).doesNotContainIgnoringCase("%2f").doesNotContainIgnoringCase("%5c");
    }
  }
}
