package io.selvage.cli.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code scripts/jvm-options} makes of a container's memory limit. */
class JvmOptionsTest {
  private static final Path OPTIONS = Path.of("../scripts/jvm-options");
  private static final String LIMIT = "/sys/fs/cgroup/memory.max";
  private static final Pattern HEAP = Pattern.compile(" -Xmx(\\S+)");

  @TempDir private Path folder;

  /** The options of a command in a container whose {@code memory.max} is that file. */
  private String options(Path limit, String command) throws IOException, InterruptedException {
    String script = Files.readString(OPTIONS);
    assertThat(script).contains(LIMIT);
    Path here = Files.writeString(folder.resolve("o"), script.replace(LIMIT, limit.toString()));
    Process shell =
        new ProcessBuilder(
                "sh",
                "-euc",
                ". \"$1\"; selvage_options \"$2\"; echo \" $selvage_jvm\"",
                "sh",
                here.toString(),
                command)
            .redirectErrorStream(true)
            .start();
    String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(said).isZero();
    return said;
  }

  private String heap(String limit, String command) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("memory.max"), limit + "\n");
    Matcher found = HEAP.matcher(options(file, command));
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  @ParameterizedTest
  @CsvSource({
    // bytes; of a sidecar, of a control plane
    "max, 192m, 512m",
    "'', 192m, 512m",
    "67108864, 48m, 96m",
    "134217728, 48m, 96m",
    "268435456, 96m, 140m",
    "402653184, 144m, 211m",
    "536870912, 192m, 281m",
    "1073741824, 192m, 563m",
    "1610612736, 576m, 844m",
    "2147483648, 768m, 1126m",
    "68719476736, 16384m, 16384m",
  })
  void theHeapIsAShareOfTheLimit(String limit, String sidecar, String control)
      throws IOException, InterruptedException {
    assertThat(heap(limit, "proxy")).isEqualTo(sidecar);
    assertThat(heap(limit, "sidecar")).isEqualTo(sidecar);
    assertThat(heap(limit, "control")).isEqualTo(control);
  }

  @Test
  void whereNoLimitCanBeReadItIsWhatAMeshOfTheUsualSizeTakes()
      throws IOException, InterruptedException {
    assertThat(options(folder.resolve("not-there"), "proxy")).contains(" -Xmx192m ");
    assertThat(options(folder.resolve("not-there"), "control")).contains(" -Xmx512m ");
  }
}
