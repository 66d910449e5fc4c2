package io.selvage.it.cluster;

import io.selvage.it.stage.Tool;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The image {@code localhost/selvage} of what is being tested: {@code scripts/image} of this class
 * path. The same holds {@code curl} and our httpbin, so that it is the applications' image, too.
 */
public final class SelvageImage {
  /** What Pods name. */
  public static final String NAME = "localhost/selvage:it";

  private static final Path SCRIPT = Path.of("..", "scripts", "image").toAbsolutePath().normalize();
  private static final Duration LIMIT = Duration.ofMinutes(4);

  /** What only tests have on their class path. */
  private static final Pattern OF_TESTS =
      Pattern.compile(
          "(.*/test-classes)"
              + "|.*/(junit|assertj|jqwik|archunit|opentest4j|apiguardian|byte-buddy|surefire|jmh"
              + "|grpc-xds|grpc-alts|google-auth|google-http|http(client|core)|conscrypt|opencensus)"
              + "[^/]*");

  private SelvageImage() {}

  /** An archive of it, made at most once. */
  public static Path archive() {
    return Holder.ARCHIVE;
  }

  private static final class Holder {
    static final Path ARCHIVE = make();

    private static Path make() {
      String classPath =
          Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
              .filter(entry -> !OF_TESTS.matcher(entry).matches())
              .filter(entry -> new File(entry).exists())
              .collect(Collectors.joining(File.pathSeparator));
      var line = List.of(SCRIPT.toString(), "--name", NAME, "--class-path", classPath);
      return Path.of(Tool.run(LIMIT, Map.of(), new byte[0], line).well().out().strip());
    }
  }
}
