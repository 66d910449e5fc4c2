package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {
  /** Istio's verdicts (TestAuthz_PathTemplating), and what lies near them. */
  @ParameterizedTest
  @CsvSource({
    "/allow/admin/{**}, /allow/admin/, true",
    "/allow/admin/{**}, /allow/admin, false",
    "/allow/admin/{**}, /allow/admin/foo/temp.txt, true",
    "/allow/admin/{**}, /allow/administrator/x, false",
    "/foo/{*}/bar/{**}, /foo/buzz/bar/bat.txt, true",
    "/foo/{*}/bar/{**}, /foo/bar/bat.txt, false",
    "/foo/{*}/bar/{**}, /foo//bar/bat.txt, false",
    "/foo/{*}/bar/{**}, /foo/a/b/bar/bat.txt, false",
    "/foo/{*}/bar/{**}, /foo/a/bar, false",
    "/foo/{*}/bar/{**}, /foo/a/bar/, true",
    "/store/{**}/cart, /store/a/b/cart, true",
    "/store/{**}/cart, /store//cart, true",
    "/store/{**}/cart, /store/cart, false",
    "/store/{**}/cart, /store/a/cart/, false",
    "/store/{**}/cart, /store/a/acart, false",
    "/store/{**}/cart/items, /store/a/cart/items, true",
    "/store/{**}/cart/items, /store/cart/items, false",
    "/{*}, /, false",
    "/{*}, /a, true",
    "/{*}, /a/, false",
    "/{*}/, /a/, true",
    "/{**}, /, true",
    "/a/{*}/b, /a/x*y/b, true",
    "/a/{*}/b, /a/x/c, false",
    "/a/{*}/b, /a/x/bb, false",
    "/a/{*}/b, /A/x/b, false",
  })
  void matches(String template, String path, boolean expected) {
    for (Reading reading : Reading.values()) {
      assertThat(PathTemplate.parse(template).matches(ByteSlice.copyOf(path), reading))
          .isEqualTo(expected);
    }
  }

  @Test
  void readsCharactersOutsideOfUrisTheSafeWay() {
    PathTemplate template = PathTemplate.parse("/a/{*}/b");
    ByteSlice path = ByteSlice.copyOf("/a/x\"y/b");
    assertThat(template.matches(path, Reading.NARROW)).isFalse();
    assertThat(template.matches(path, Reading.WIDE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/{*}",
        "/{**}/{*}",
        "/{**}/{**}",
        "/{*}a",
        "/a{*}",
        "/{a}",
        "/{*",
        "/a//b/{*}",
        "/ /{*}",
        "/*/{*}",
        ""
      })
  void refuses(String template) {
    assertThatThrownBy(() -> PathTemplate.parse(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("path template");
  }

  @ParameterizedTest
  @EnumSource(Reading.class)
  void looksOnlyAtTheWindow(Reading reading) {
    byte[] bytes = "xx/a/b/cyy".getBytes(StandardCharsets.US_ASCII);
    ByteSlice window = new ByteSlice().set(bytes, 2, 8);
    assertThat(PathTemplate.parse("/a/{*}/c").matches(window, reading)).isTrue();
    assertThat(PathTemplate.parse("/a/{*}/cyy").matches(window, reading)).isFalse();
  }
}
