package io.selvage.proxy.http1;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The forms of a path; the table is Istio's. */
class PathNormalizerTest {
  @ParameterizedTest
  @CsvSource({
    "/app/../admin, /admin, /admin, /admin",
    "/app//, /app//, /app/, /app/",
    "/app/%2f, /app/%2f, /app/%2f, /app/",
    "/xyz%30..//abc, /xyz0..//abc, /xyz0../abc, /xyz0../abc",
    "/app/%2E./admin, /admin, /admin, /admin",
    "/app\\admin, /app/admin, /app/admin, /app/admin",
    "/app/\\/\\/\\admin, /app//////admin, /app/admin, /app/admin",
    "/%2Fapp%5cadmin%5Cabc, /%2Fapp%5cadmin%5Cabc, /%2Fapp%5cadmin%5Cabc, /app/admin/abc",
    "/app//../admin, /app/admin, /app/admin, /app/admin",
    "/app//../../admin, /admin, /admin, /admin",
    "/../../a, /a, /a, /a",
    "/a/b/.., /a/, /a/, /a/",
    "/a/., /a/, /a/, /a/",
    "/.., /, /, /",
    "/..;/admin, /admin, /admin, /admin",
    "/.../admin, /.../admin, /.../admin, /.../admin",
    "/Admin, /Admin, /Admin, /Admin",
    "/admin;a=b, /admin;a=b, /admin;a=b, /admin;a=b",
    "/%252e%252e/admin, /%252e%252e/admin, /%252e%252e/admin, /%252e%252e/admin",
    "/%c0%ae%c0%ae/admin, /%c0%ae%c0%ae/admin, /%c0%ae%c0%ae/admin, /%c0%ae%c0%ae/admin",
    "/a%, /a%, /a%, /a%",
    "/a%4, /a%4, /a%4, /a%4",
    "'/{a}|b', /%7Ba%7D%7Cb, /%7Ba%7D%7Cb, /%7Ba%7D%7Cb",
    "'/\"<>^`', /%22%3C%3E%5E%60, /%22%3C%3E%5E%60, /%22%3C%3E%5E%60",
    "'/%7b!$&()*+:;=@[]', '/%7b!$&()*+:;=@[]', '/%7b!$&()*+:;=@[]', '/%7b!$&()*+:;=@[]'",
  })
  void hasOneResultForEachForm(String path, String base, String merged, String decoded) {
    assertThat(PathNormalizer.BASE.apply(path)).isEqualTo(base);
    assertThat(PathNormalizer.MERGE_SLASHES.apply(path)).isEqualTo(merged);
    assertThat(PathNormalizer.DECODE_AND_MERGE_SLASHES.apply(path)).isEqualTo(decoded);
    assertThat(PathNormalizer.NONE.apply(path)).isEqualTo(path);
  }

  @Test
  void whatWouldBeDecodedIntoAnEncodingIsRefused() {
    for (String path : new String[] {"/%%32%66admin", "/%2%66admin", "/%%2fadmin", "/%%"}) {
      assertThat(PathNormalizer.BASE.apply(path)).isNull();
      assertThat(PathNormalizer.DECODE_AND_MERGE_SLASHES.apply(path)).isNull();
      assertThat(PathNormalizer.NONE.apply(path)).isEqualTo(path);
    }
  }

  @Test
  void anEncodedNulIsRefused() {
    assertThat(PathNormalizer.BASE.apply("/admin%00")).isNull();
    assertThat(PathNormalizer.BASE.apply("/admin%%00")).isNull();
    assertThat(PathNormalizer.DECODE_AND_MERGE_SLASHES.apply("/admin%00/x")).isNull();
  }

  @Test
  void onlyUnreservedBytesAreDecoded() {
    String unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (int b = 1; b < 256; b++) {
      String path = "/x%" + String.format("%02X", b) + "y";
      boolean decoded = unreserved.indexOf(b) >= 0;
      assertThat(PathNormalizer.BASE.apply(path)).isEqualTo(decoded ? "/x" + (char) b + "y" : path);
    }
  }

  @Test
  void aNormalFormIsItsOwnNormalForm() {
    for (String path : new String[] {"/a/%2e%2e/b//c\\d", "/a/./b/..", "/%5c..%2f"}) {
      for (PathNormalizer form : PathNormalizer.values()) {
        String once = form.apply(path);
        assertThat(once).isNotNull();
        assertThat(form.apply(once == null ? "" : once)).isEqualTo(once);
      }
    }
  }
}
