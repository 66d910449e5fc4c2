package io.selvage.cli.prove;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.model.MeshConfig;
import io.selvage.policy.ByteSlice;
import io.selvage.policy.PathNormalizer;
import java.nio.charset.StandardCharsets;

/** A request's path as the mesh's proxies see it. */
final class NormalPath {
  private NormalPath() {}

  static String of(String path, MeshConfig mesh) {
    PathNormalizer normalizer =
        switch (mesh.pathNormalization()) {
          case NONE -> PathNormalizer.NONE;
          case BASE -> PathNormalizer.BASE;
          case MERGE_SLASHES -> PathNormalizer.MERGE_SLASHES;
          case DECODE_AND_MERGE_SLASHES -> PathNormalizer.DECODE_AND_MERGE_SLASHES;
        };
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    ByteSlice target = new ByteSlice().set(bytes, 0, bytes.length);
    ByteSlice normal = new ByteSlice();
    if (normalizer.normalize(target, normal) == PathNormalizer.Result.REJECTED) {
      throw new UserError(ExitCode.USAGE, "the proxy answers 400 to the path `%s`".formatted(path));
    }
    return normal.toString();
  }
}
