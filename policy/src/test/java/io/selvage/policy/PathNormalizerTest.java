package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.PathNormalizer.Result;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNormalizerTest {
  /** Istio's table: normalization_test.go. */
  @ParameterizedTest
  @CsvSource({
    "/app#foo, /app, /app, /app, /app",
    "/app/../admin, /app/../admin, /admin, /admin, /admin",
    "/app//, /app//, /app//, /app/, /app/",
    "/app/%2f, /app/%2f, /app/%2f, /app/%2f, /app/",
    "/xyz%30..//abc, /xyz%30..//abc, /xyz0..//abc, /xyz0../abc, /xyz0../abc",
    "/app/%2E./admin, /app/%2E./admin, /admin, /admin, /admin",
    "/app\\admin, /app\\admin, /app/admin, /app/admin, /app/admin",
    "/app/\\/\\/\\admin, /app/\\/\\/\\admin, /app//////admin, /app/admin, /app/admin",
    "/%2Fapp%5cadmin%5Cabc, /%2Fapp%5cadmin%5Cabc, /%2Fapp%5cadmin%5Cabc, /%2Fapp%5cadmin%5Cabc,"
        + " /app/admin/abc",
    "/app//../admin, /app//../admin, /app/admin, /app/admin, /app/admin",
    "/app//../../admin, /app//../../admin, /admin, /admin, /admin",
    "/%252e%252e/admin, /%252e%252e/admin, /%252e%252e/admin, /%252e%252e/admin,"
        + " /%252e%252e/admin",
    "/%c0%ae%c0%ae/admin, /%c0%ae%c0%ae/admin, /%c0%ae%c0%ae/admin, /%c0%ae%c0%ae/admin,"
        + " /%c0%ae%c0%ae/admin",
    "/..;/admin, /..;/admin, /admin, /admin, /admin",
    "/a/..;x=1/admin, /a/..;x=1/admin, /admin, /admin, /admin",
    "/a/.;/admin, /a/.;/admin, /a/admin, /a/admin, /a/admin",
    "/a/%2e%2e;/admin, /a/%2e%2e;/admin, /admin, /admin, /admin",
    "/a/..;, /a/..;, /, /, /",
    "/a%2f..;%2fadmin, /a%2f..;%2fadmin, /a%2f..;%2fadmin, /a%2f..;%2fadmin, /admin",
    "/a/..%3b/admin, /a/..%3b/admin, /a/..%3b/admin, /a/..%3b/admin, /a/..%3b/admin",
    "/.;a../b;..;/c, /.;a../b;..;/c, /b;..;/c, /b;..;/c, /b;..;/c",
    "/.../admin, /.../admin, /.../admin, /.../admin, /.../admin",
    "/Admin, /Admin, /Admin, /Admin, /Admin",
    "/admin;a=b, /admin;a=b, /admin;a=b, /admin;a=b, /admin;a=b",
    "/.., /.., /, /, /",
    "/a/b/.., /a/b/.., /a/, /a/, /a/",
    "/a/b/., /a/b/., /a/b/, /a/b/, /a/b/",
    "/./a, /./a, /a, /a, /a",
    "//admin, //admin, //admin, /admin, /admin",
    "/%2fadmin, /%2fadmin, /%2fadmin, /%2fadmin, /admin",
    "/a%2f..%2fb, /a%2f..%2fb, /a%2f..%2fb, /a%2f..%2fb, /b",
    "/a%zzb, /a%zzb, /a%zzb, /a%zzb, /a%zzb",
    "/a%2, /a%2, /a%2, /a%2, /a%2",
    "*, *, *, *, *",
  })
  void followsTheTable(String in, String none, String base, String merged, String decoded) {
    assertThat(normalized(PathNormalizer.NONE, in)).isEqualTo(none);
    assertThat(normalized(PathNormalizer.BASE, in)).isEqualTo(base);
    assertThat(normalized(PathNormalizer.MERGE_SLASHES, in)).isEqualTo(merged);
    assertThat(normalized(PathNormalizer.DECODE_AND_MERGE_SLASHES, in)).isEqualTo(decoded);
  }

  @ParameterizedTest
  @EnumSource(PathNormalizer.class)
  void leavesTheQueryAlone(PathNormalizer mode) {
    ByteSlice target = ByteSlice.copyOf("/a?x=/../%2f//%00\\");
    ByteSlice path = new ByteSlice();
    assertThat(mode.normalize(target, path)).isEqualTo(Result.UNCHANGED);
    assertThat(path.toString()).isEqualTo("/a");
    assertThat(target.toString()).isEqualTo("/a?x=/../%2f//%00\\");
  }

  @Test
  void movesTheQueryUpBehindAShorterPathAndCutsTheFragment() {
    ByteSlice target = ByteSlice.copyOf("/app/../admin?q=1#frag?x");
    ByteSlice path = new ByteSlice();
    assertThat(PathNormalizer.BASE.normalize(target, path)).isEqualTo(Result.CHANGED);
    assertThat(target.toString()).isEqualTo("/admin?q=1");
    assertThat(path.toString()).isEqualTo("/admin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "admin", "http://a/b", "?q", "/a\0b", "/admin%00", "**"})
  void rejectsWhatReadersWouldReadDifferently(String target) {
    assertThat(PathNormalizer.BASE.normalize(ByteSlice.copyOf(target), new ByteSlice()))
        .isEqualTo(Result.REJECTED);
  }

  @Test
  void decodesExactlyTheUnreservedCharacters() {
    for (int c = 1; c < 256; c++) {
      String escaped = "/x%%%02x".formatted(c);
      boolean unreserved = Character.toString(c).matches("[A-Za-z0-9._~-]");
      String expected = unreserved ? "/x" + Character.toString(c) : escaped;
      assertThat(normalized(PathNormalizer.BASE, escaped)).isEqualTo(expected);
    }
  }

  @Property(tries = 20_000)
  void isAFixedPointUnlessAnEscapeWasUncovered(
      @ForAll @Chars({'/', '.', '\\', 'a', '%', '2', 'f', 'e', ';'}) @StringLength(max = 12)
          String tail,
      @ForAll PathNormalizer mode) {
    ByteSlice target = ByteSlice.copyOf("/" + tail);
    ByteSlice path = new ByteSlice();
    if (mode.normalize(target, path) == Result.REJECTED) {
      return;
    }
    String once = path.toString();
    assertThat(once).startsWith("/").hasSizeLessThanOrEqualTo(tail.length() + 1);
    if (mode != PathNormalizer.NONE) {
      assertThat(once).doesNotContain("/../").doesNotContain("/./").doesNotContain("\\");
    }
    if (!once.contains("%")) {
      assertThat(mode.normalize(target, path)).isEqualTo(Result.UNCHANGED);
      assertThat(path.toString()).isEqualTo(once);
    }
  }

  @Property(tries = 5_000)
  void saysUnchangedOnlyWhenItIs(
      @ForAll @CharRange(from = '!', to = '~') @StringLength(max = 20) String tail,
      @ForAll PathNormalizer mode) {
    byte[] bytes = ("/" + tail).getBytes(StandardCharsets.ISO_8859_1);
    ByteSlice target = new ByteSlice().set(bytes, 0, bytes.length);
    Result result = mode.normalize(target, new ByteSlice());
    if (result != Result.REJECTED) {
      assertThat(result == Result.UNCHANGED).isEqualTo(target.toString().equals("/" + tail));
    }
  }

  private static String normalized(PathNormalizer mode, String target) {
    ByteSlice path = new ByteSlice();
    assertThat(mode.normalize(ByteSlice.copyOf(target), path)).isNotEqualTo(Result.REJECTED);
    return path.toString();
  }
}
